import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, Server, Socket as Stream } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, fromCallback, sleep, spawn } from '@greenlit/core'
import {
  AF_UNIX,
  emulatedUnixDatagrams,
  MSG_DONTWAIT,
  MSG_PEEK,
  registerUnixDatagramProvider,
  SHUT_WR,
  SOCK_DGRAM,
  type Socket,
  select,
  socket,
  TimeoutError,
  type UnixDatagramSocket,
} from '@greenlit/net'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-dgram-'))
let count = 0

function newPath(): string {
  count += 1
  return join(folder, `${count}`)
}

function closeAll(...sockets: readonly Socket[]): void {
  for (const each of sockets) each.close()
}

function* bound() {
  const made = socket(AF_UNIX, SOCK_DGRAM)
  yield* made.bind(newPath())
  return made
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('without a provider', () => {
  test('creating a unix datagram socket fails with a message that names the add-on', () => {
    expect(() => socket(AF_UNIX, SOCK_DGRAM)).toThrow(
      expect.objectContaining({ code: 'EPROTONOSUPPORT', errno: 93, message: expect.stringContaining('unix-dgram') }),
    )
  })

  test('a provider that cannot create sockets is rejected', () => {
    expect(() => registerUnixDatagramProvider({} as never)).toThrow(TypeError)
    expect(() => registerUnixDatagramProvider(null as never)).toThrow(TypeError)
  })
})

describe('with the emulation as the provider', () => {
  beforeEach(() => {
    expect(registerUnixDatagramProvider(emulatedUnixDatagrams)).toBe(undefined)
  })
  afterEach(() => {
    expect(registerUnixDatagramProvider(undefined)).toBe(emulatedUnixDatagrams)
  })

  test('datagrams are sent to a path and can be answered', () =>
    run(function* () {
      const [server, client] = [yield* bound(), yield* bound()]
      expect(yield* client.sendto('hello', server.getsockname())).toBe(5)
      const [data, from] = yield* server.recvfrom(100)
      expect(String(data)).toBe('hello')
      expect(from).toBe(client.getsockname())
      yield* server.sendto('', from)
      expect((yield* client.recv(10)).length).toBe(0)
      closeAll(server, client)
    }))

  test('datagrams keep their boundaries and order, also large ones', () =>
    run(function* () {
      const [server, client] = [yield* bound(), yield* bound()]
      const large = Buffer.alloc(100_000, 'x')
      yield* client.sendto('one', server.getsockname())
      yield* client.sendto(large, server.getsockname())
      yield* client.sendto('three', server.getsockname())
      expect(String(yield* server.recv(100))).toBe('one')
      expect((yield* server.recv(1_000_000)).equals(large)).toBe(true)
      expect(String(yield* server.recv(2))).toBe('th')
      closeAll(server, client)
    }))

  test('an oversized datagram is rejected by both sender and receiver', () =>
    run(function* () {
      const receiver = yield* bound()
      const sender = socket(AF_UNIX, SOCK_DGRAM)
      const path = receiver.getsockname() as string
      expect(yield* failure(sender.sendto(Buffer.alloc(1024 * 1024 + 1), path))).toMatchObject({ code: 'EMSGSIZE' })
      const peer = connect(path)
      peer.write(Buffer.from([0, 0, 0xff, 0xff, 0xff, 0xff]))
      yield* fromCallback<void>((resume) => void peer.once('close', () => resume()).resume())
      yield* sender.sendto(Buffer.alloc(1024 * 1024), path)
      expect(yield* receiver.recv(2 * 1024 * 1024)).toHaveLength(1024 * 1024)
      closeAll(receiver, sender)
    }))

  test('datagrams of a nameless sender are received, with an empty address', () =>
    run(function* () {
      const server = yield* bound()
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(client.getsockname()).toBe('')
      yield* client.sendto('x', server.getsockname())
      expect((yield* server.recvfrom(10))[1]).toBe('')
      closeAll(server, client)
    }))

  test('a connected socket sends to its peer and receives from no other', () =>
    run(function* () {
      const [server, client, stranger] = [yield* bound(), yield* bound(), yield* bound()]
      yield* client.connect(server.getsockname())
      expect(client.getpeername()).toBe(server.getsockname())
      yield* client.send('hello')
      expect(String(yield* server.recv(10))).toBe('hello')
      yield* stranger.sendto('spam', client.getsockname())
      yield* server.sendto('answer', client.getsockname())
      expect(String(yield* client.recv(10))).toBe('answer')
      closeAll(server, client, stranger)
    }))

  test('missing, abandoned and taken paths are reported immediately', () =>
    run(function* () {
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(yield* failure(client.sendto('x', newPath()))).toMatchObject({ code: 'ENOENT', errno: 2 })
      expect(yield* failure(client.connect(newPath()))).toMatchObject({ code: 'ENOENT' })
      expect(yield* failure(client.send('x'))).toMatchObject({ code: 'ENOTCONN', errno: 107 })
      for (const nameless of [client.sendto('x', ''), client.connect('')])
        expect(yield* failure(nameless)).toMatchObject({ code: 'EINVAL', errno: 22 })
      const server = yield* bound()
      expect(yield* failure(client.bind(server.getsockname()))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      expect(() => client.bind('x'.repeat(108))).toThrow('AF_UNIX path too long')
      expect(() => client.bind(['127.0.0.1', 0])).toThrow('bind(): AF_UNIX address must be a path as a string')
      client.shutdown(SHUT_WR)
      expect(yield* failure(client.send('x'))).toMatchObject({ code: 'EPIPE', errno: 32 })
      closeAll(client, server)
    }))

  test('a connected socket also sends to other paths', () =>
    run(function* () {
      const [near, far, client] = [yield* bound(), yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      yield* client.connect(near.getsockname())
      expect(yield* client.sendto('far', far.getsockname())).toBe(3)
      expect(String(yield* far.recv(10))).toBe('far')
      yield* client.sendto('near', near.getsockname())
      expect(String(yield* near.recv(10))).toBe('near')
      closeAll(near, far, client)
    }))

  test('two greenlets can connect at the same time, and both get their result', () =>
    run(function* () {
      const [server, client] = [yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      const connecting = [1, 2].map(() => spawn(() => client.connect(server.getsockname())))
      for (const each of connecting) yield* each
      yield* client.send('x')
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(server, client)
    }))

  test('can be bound only once, even if two greenlets try at once or the first is killed', () =>
    run(function* () {
      const one = socket(AF_UNIX, SOCK_DGRAM)
      const paths = [newPath(), newPath()]
      const binding = paths.map((path) => spawn(() => attempt(one.bind(path))))
      expect(yield* binding[0]!).toMatchObject({ ok: true })
      expect(yield* binding[1]!).toMatchObject({ ok: false, error: { code: 'EINVAL', errno: 22 } })
      expect(one.getsockname()).toBe(paths[0])
      const other = socket(AF_UNIX, SOCK_DGRAM)
      const killed = spawn(() => other.bind(newPath()))
      yield* sleep(0)
      yield* killed.kill()
      expect(yield* failure(other.bind(newPath()))).toMatchObject({ code: 'EINVAL', errno: 22 })
      closeAll(one, other)
    }))

  test('can be bound after connecting, and reports its peer even if the connecting greenlet was killed', () =>
    run(function* () {
      const [server, client] = [yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      const killed = spawn(() => client.connect(server.getsockname()))
      yield* sleep(0)
      yield* killed.kill()
      yield* client.connect(server.getsockname())
      yield* client.bind(newPath())
      yield* client.send('x')
      expect((yield* server.recvfrom(10))[1]).toBe(client.getsockname())
      closeAll(server, client)
    }))

  test('stays usable after errors', () =>
    run(function* () {
      const listen = vi.spyOn(Server.prototype, 'listen')
      const server = yield* bound()
      const [inner] = listen.mock.contexts as Server[]
      listen.mockRestore()
      for (const code of ['EMFILE', 'ENFILE']) {
        inner!.emit('error', Object.assign(new Error(code), { code }))
        expect(yield* failure(server.recv(10))).toMatchObject({ code })
      }
      closeAll(server)
    }))

  test('closing ends every stream, also one that replaced a broken one', () =>
    run(function* () {
      const connecting = vi.spyOn(Stream.prototype, 'connect')
      const [server, client] = [yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      yield* client.sendto('first', server.getsockname())
      expect(String(yield* server.recv(10))).toBe('first')
      const broken = connecting.mock.contexts[0] as Stream
      broken.destroy()
      yield* client.sendto('second', server.getsockname())
      expect(String(yield* server.recv(10))).toBe('second')
      expect(broken.closed).toBe(true)
      const another = connecting.mock.contexts[1] as Stream
      connecting.mockRestore()
      client.close()
      expect(another.writableEnded).toBe(true)
      closeAll(server)
    }))

  test('closing during a bind leaves nothing behind', () =>
    run(function* () {
      const path = newPath()
      const first = socket(AF_UNIX, SOCK_DGRAM)
      const binding = spawn(() => attempt(first.bind(path)))
      yield* sleep(0)
      first.close()
      expect(yield* binding).toMatchObject({ ok: false, error: { code: 'EBADF' } })
    }))

  test('a closed receiver is reported, and a new one of the same path is reached', () =>
    run(function* () {
      const sender = yield* bound()
      const connected = yield* bound()
      const path = newPath()
      const first = socket(AF_UNIX, SOCK_DGRAM)
      yield* first.bind(path)
      yield* connected.connect(path)
      for (const end of [sender, connected]) yield* end.sendto('x', path)
      for (let received = 0; received < 2; received += 1) expect(String(yield* first.recv(1))).toBe('x')
      first.close()
      expect(yield* failure(sender.sendto('x', path))).toMatchObject({ code: 'ENOENT' })
      expect(yield* failure(connected.send('x'))).toMatchObject({ code: 'ECONNREFUSED', errno: 111 })
      const second = socket(AF_UNIX, SOCK_DGRAM)
      yield* second.bind(path)
      yield* sender.sendto('y', path)
      expect(String(yield* second.recv(1))).toBe('y')
      closeAll(sender, connected, second)
    }))

  test('closing wakes a reader with EBADF', () =>
    run(function* () {
      const server = yield* bound()
      const reader = spawn(() => server.recv(10))
      yield* sleep(0)
      server.close()
      expect(yield* failure(reader.get())).toMatchObject({ code: 'EBADF' })
    }))
})

describe('a datagram being delivered to a killed greenlet', () => {
  type Listener = (message: Buffer, info: { path?: string }) => void
  const listeners = new Map<string, Listener>()

  /** Delivers synchronously, which determines what runs between the arrival of a datagram and the turn of its receiver. */
  class Prompt extends EventEmitter implements UnixDatagramSocket {
    private readonly listener: Listener

    constructor(listener: Listener) {
      super()
      this.listener = listener
    }

    bind(path: string): void {
      listeners.set(path, this.listener)
      this.emit('listening')
    }

    connect(): void {}

    send(data: Buffer, ...rest: unknown[]): void {
      listeners.get(rest[2] as string)!(data, {})
      ;(rest[3] as () => void)()
    }

    close(): void {}
  }

  test('is sent subject to the timeout', () =>
    run(function* () {
      class Stuck extends Prompt {
        override send(): void {}
      }
      registerUnixDatagramProvider({ createSocket: (_type, listener) => new Stuck(listener) })
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(yield* failure(client.sendto('x', '/nobody', { timeout: 1 }))).toBeInstanceOf(TimeoutError)
      client.settimeout(1)
      expect(yield* failure(client.sendto('x', '/nobody'))).toBeInstanceOf(TimeoutError)
      closeAll(client)
    }))

  test.each([
    [1, 'EAGAIN'],
    [-111, 'ECONNREFUSED'],
    [-2, 'ENOENT'],
  ])('that the provider rejects with %i fails with %s', (code, name) =>
    run(function* () {
      class Refusing extends Prompt {
        override send(...given: readonly unknown[]): void {
          const done = given.at(-1) as (error: Error) => void
          done(Object.assign(new Error('refused'), { code }))
        }
      }
      registerUnixDatagramProvider({ createSocket: (_type, listener) => new Refusing(listener) })
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(yield* failure(client.sendto('x', '/nobody'))).toMatchObject({ code: name })
      closeAll(client)
    }),
  )

  test('goes to the next receiver once if the killed one was only peeking', () =>
    run(function* () {
      const [server, client] = [yield* bound(), yield* bound()]
      const killed = spawn(() => server.recv(10, MSG_PEEK))
      yield* sleep(0)
      const killing = killed.kill()
      yield* client.sendto('once', server.getsockname())
      yield* killing
      expect(String(yield* server.recv(10))).toBe('once')
      expect(yield* failure(server.recv(10, MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' })
      closeAll(server, client)
    }))

  beforeEach(() => {
    registerUnixDatagramProvider({ createSocket: (_type, listener) => new Prompt(listener) })
  })
  afterEach(() => {
    registerUnixDatagramProvider(undefined)
  })

  test.each([
    ['a greenlet that has started to receive', false],
    ['a greenlet that has started to select', true],
  ])('goes to %s', (_, selects) =>
    run(function* () {
      const [server, client] = [yield* bound(), yield* bound()]
      const killed = spawn(() => server.recv(10))
      yield* sleep(0)
      const next = spawn(function* () {
        if (selects) yield* select([server], [], [])
        return yield* server.recv(10)
      })
      const killing = killed.kill()
      yield* client.sendto('first', server.getsockname())
      expect(String(yield* next.get({ timeout: 1_000 }))).toBe('first')
      yield* client.sendto('second', server.getsockname())
      expect(String(yield* server.recv(10))).toBe('second')
      yield* killing
      closeAll(server, client)
    }),
  )
})
