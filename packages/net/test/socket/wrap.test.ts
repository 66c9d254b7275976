import { connect, createServer, Socket as NetSocket } from 'node:net'
import { type Coroutine, fromCallback, spawn } from '@greenlit/core'
import { AF_INET, wrap } from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, loopTurns, run } from '../pair.ts'

guardLeaks()

function* nodePair(): Coroutine<[NetSocket, NetSocket]> {
  return yield* fromCallback<[NetSocket, NetSocket]>((resume) => {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
      server.close()
      if (client.connecting) client.once('connect', () => resume(undefined, [client, accepted]))
      else resume(undefined, [client, accepted])
    })
    let client: NetSocket
    server.listen(0, '127.0.0.1', () => {
      client = connect({ port: (server.address() as { port: number }).port, host: '127.0.0.1', allowHalfOpen: true })
    })
  })
}

test('a Node socket becomes a cooperative one', () =>
  run(function* () {
    const [client, accepted] = yield* nodePair()
    const [left, right] = [wrap(client), wrap(accepted)]
    expect(left.family).toBe(AF_INET)
    expect(left.getpeername()).toEqual(right.getsockname())
    const echo = spawn(function* () {
      yield* right.sendall(yield* right.recv(100))
      right.close()
    })
    yield* left.sendall('hello')
    expect(String(yield* left.recv(100))).toBe('hello')
    expect((yield* left.recv(100)).length).toBe(0)
    yield* echo
    left.close()
  }))

test('waiting and later calls fail when the underlying Node socket is destroyed', () =>
  run(function* () {
    const [client, accepted] = yield* nodePair()
    const [left, right] = [wrap(client), wrap(accepted)]
    const reading = spawn(() => left.recv(1))
    const sending = spawn(() => left.sendall(Buffer.alloc(32 * 1024 * 1024)))
    yield* loopTurns()
    expect([reading.ready(), sending.ready()]).toEqual([false, false])
    client.destroy()
    expect((yield* reading).length).toBe(0)
    expect(yield* failure(sending)).toMatchObject({ code: 'EPIPE' })
    accepted.destroy()
    expect((yield* right.recv(1)).length).toBe(0)
    yield* loopTurns()
    expect(yield* failure(right.send('x'))).toMatchObject({ code: 'EPIPE' })
    left.close()
    right.close()
  }))

// Node delivers both in one turn if it has read ahead, and for TLS if one packet holds both.
test('a waiting readline returns whole lines that arrive together with the end of the stream', () =>
  run(function* () {
    for (const [first, rest] of [
      ['', 'one\ntwo'],
      ['on', 'e\ntwo'],
    ] as const) {
      const [client, accepted] = yield* nodePair()
      const right = wrap(accepted)
      const file = right.makefile('rb')
      const reading = spawn(() => file.readlines())
      yield* loopTurns()
      if (first !== '') accepted.push(Buffer.from(first))
      yield* loopTurns()
      accepted.push(Buffer.from(rest))
      accepted.push(null)
      expect((yield* reading).map(String)).toEqual(['one\n', 'two'])
      file.close()
      right.close()
      client.destroy()
    }
  }))

test('a readline that times out as its line arrives with the end of the stream returns it', () =>
  run(function* () {
    const [client, accepted] = yield* nodePair()
    const right = wrap(accepted)
    const file = right.makefile('rb')
    right.settimeout(10)
    const reading = spawn(() => file.readline())
    yield* loopTurns()
    accepted.push(Buffer.from('one\ntwo'))
    accepted.push(null)
    // The timer expires before the next turn of the event loop delivers the line.
    const end = performance.now() + 20
    while (performance.now() < end);
    expect(String(yield* reading)).toBe('one\n')
    file.close()
    right.close()
    client.destroy()
  }))

test('anything but a connected Node socket is rejected', () =>
  run(function* () {
    expect(() => wrap({} as never)).toThrow(TypeError)
    const [client, accepted] = yield* nodePair()
    accepted.setEncoding('utf8')
    expect(() => wrap(accepted)).toThrow('to give bytes, got one with the encoding "utf8"')
    client.destroy()
    accepted.destroy()
    expect(() => wrap(client)).toThrow(expect.objectContaining({ code: 'EBADF' }))
    const connecting = connect({ port: 9, host: '127.0.0.1' }).on('error', () => {})
    expect(() => wrap(connecting)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
    connecting.destroy()
    // Never connected at all: for Node it is neither connecting nor destroyed.
    expect(() => wrap(new NetSocket())).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
  }))
