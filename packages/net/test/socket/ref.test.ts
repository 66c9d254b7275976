import { AF_INET, createServer, OSError, SOCK_DGRAM, type Socket, socket } from '@greenlit/net'
import { expect, test } from 'vitest'
import { BoundSocket } from '../../src/socket/bound-socket.ts'
import { guardLeaks } from '../guard.ts'
import { listener, run, tcpPair } from '../pair.ts'

guardLeaks()

/** Returns the number of sockets that keep this program alive. */
function alive(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|UDP)\w*Wrap$/.test(name)).length
}

/** Returns how many handles more keep the program alive while the socket has `ref` set. */
function heldBy(own: Socket): number {
  own.ref = false
  const without = alive()
  own.ref = true
  return alive() - without
}

test('a socket keeps the program alive unless ref is cleared', () =>
  run(function* () {
    const server = yield* listener()
    const [client, accepted] = yield* tcpPair()
    // Node only counts sockets that are being read.
    yield* client.sendall(Buffer.from('x'))
    yield* accepted.recv(1)
    yield* accepted.sendall(Buffer.from('x'))
    yield* client.recv(1)
    expect([server.ref, client.ref, accepted.ref]).toEqual([true, true, true])
    expect(heldBy(server)).toBe(1)
    expect(heldBy(client)).toBe(1)
    expect(heldBy(accepted)).toBe(1)
    for (const each of [server, client, accepted]) yield* each.close()
  }))

test('ref can be set before there is a connection', () =>
  run(function* () {
    const server = socket()
    server.ref = false
    const before = alive()
    yield* server.bind(['127.0.0.1', 0])
    yield* server.listen()
    expect(alive()).toBe(before)
    const other = socket()
    other.ref = false
    other.ref = true
    yield* other.listen()
    expect(alive()).toBe(before + 1)
    yield* other.close()
    const client = socket(AF_INET)
    client.ref = false
    yield* client.connect(server.getsockname())
    const [accepted] = yield* server.accept()
    expect([client.ref, accepted.ref]).toEqual([false, true])
    yield* client.sendall(Buffer.from('x'))
    expect(String(yield* accepted.recv(1))).toBe('x')
    yield* accepted.sendall(Buffer.from('y'))
    expect(String(yield* client.recv(1))).toBe('y')
    expect(alive() - before).toBe(1)
    for (const each of [server, client, accepted]) yield* each.close()
  }))

test('ref also applies to a socket that is only bound', () =>
  run(function* () {
    const bound = socket()
    yield* bound.bind(['127.0.0.1', 0])
    // On versions of Node that cannot bind without listening, there is already a listener.
    expect(heldBy(bound)).toBe(BoundSocket === undefined ? 1 : 0)
    const early = socket()
    early.ref = false
    const before = alive()
    yield* early.bind(['127.0.0.1', 0])
    if (BoundSocket === undefined) expect(alive()).toBe(before)
    for (const each of [bound, early]) yield* each.close()
  }))

test('ref also applies to datagram sockets', () =>
  run(function* () {
    const datagrams = socket(AF_INET, SOCK_DGRAM)
    datagrams.ref = false
    const before = alive()
    yield* datagrams.bind(['127.0.0.1', 0])
    expect(alive()).toBe(before)
    expect(heldBy(datagrams)).toBe(1)
    yield* datagrams.close()
  }))

test('ref is shared by duplicates, and unavailable once the socket is closed', async () => {
  const server = await createServer(['127.0.0.1', 0])
  const twin = server.dup()
  twin.ref = false
  expect(server.ref).toBe(false)
  await twin.close()
  await server.close()
  expect(() => server.ref).toThrow(OSError)
})

test('ref must be true or false', async () => {
  const client = socket(AF_INET)
  expect(() => {
    client.ref = 1 as unknown as boolean
  }).toThrow('Expected `ref` to be true or false, got 1')
  await client.close()
})
