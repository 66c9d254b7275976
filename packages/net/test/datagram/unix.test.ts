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
  test('a unix datagram socket is refused with words that name the add-on', () => {
    expect(() => socket(AF_UNIX, SOCK_DGRAM)).toThrow(
      expect.objectContaining({ code: 'EPROTONOSUPPORT', errno: 93, message: expect.stringContaining('unix-dgram') }),
    )
  })

  test('what cannot create sockets is refused as a provider', () => {
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

  test('datagrams go to a path and can be answered', () =>
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

  test('datagrams keep their bounds and order, large ones too', () =>
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

  test('a datagram beyond all bounds is refused by who sends it and who receives it', () =>
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

  test('a nameless sender is heard, and has no name', () =>
    run(function* () {
      const server = yield* bound()
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(client.getsockname()).toBe('')
      yield* client.sendto('x', server.getsockname())
      expect((yield* server.recvfrom(10))[1]).toBe('')
      closeAll(server, client)
    }))

  test('a connected socket sends to its peer and hears nobody else', () =>
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

  test('missing and left paths are told at once, taken ones too', () =>
    run(function* () {
      const client = socket(AF_UNIX, SOCK_DGRAM)
      expect(yield* failure(client.sendto('x', newPath()))).toMatchObject({ code: 'ENOENT', errno: 2 })
      expect(yield* failure(client.connect(newPath()))).toMatchObject({ code: 'ENOENT' })
      expect(yield* failure(client.send('x'))).toMatchObject({ code: 'EDESTADDRREQ' })
      const server = yield* bound()
      expect(yield* failure(client.bind(server.getsockname()))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      expect(() => client.bind('x'.repeat(108))).toThrow('AF_UNIX path too long')
      expect(() => client.bind(['127.0.0.1', 0])).toThrow('bind(): AF_UNIX address must be a path as a string')
      closeAll(client, server)
    }))

  test('a connected socket sends to its peer alone, also by its path', () =>
    run(function* () {
      const [near, far, client] = [yield* bound(), yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      yield* client.connect(near.getsockname())
      expect(yield* failure(client.sendto('far', far.getsockname()))).toMatchObject({ code: 'EISCONN', errno: 106 })
      yield* client.sendto('near', near.getsockname())
      expect(String(yield* near.recv(10))).toBe('near')
      closeAll(near, far, client)
    }))

  test('two greenlets may connect at once, and both are told', () =>
    run(function* () {
      const [server, client] = [yield* bound(), socket(AF_UNIX, SOCK_DGRAM)]
      const connecting = [1, 2].map(() => spawn(() => client.connect(server.getsockname())))
      for (const each of connecting) yield* each
      yield* client.send('x')
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(server, client)
    }))

  test('is bound once, also where two want it at once or the first is killed', () =>
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

  test('is bound after it was connected, and tells its peer also when who connected it was killed', () =>
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

  test('goes on after errors of its own', () =>
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

  test('closing ends every connection, also one in place of another that broke', () =>
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

  test('closing while it is bound leaves nothing behind', () =>
    run(function* () {
      const path = newPath()
      const first = socket(AF_UNIX, SOCK_DGRAM)
      const binding = spawn(() => attempt(first.bind(path)))
      yield* sleep(0)
      first.close()
      expect(yield* binding).toMatchObject({ ok: false, error: { code: 'EBADF' } })
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

describe('a datagram on its way to a greenlet that is killed', () => {
  type Listener = (message: Buffer, info: { path?: string }) => void
  const listeners = new Map<string, Listener>()

  /** Delivers while it sends, so that what runs between the arrival and the receiver's turn is known. */
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

  test('is sent within the time there is for it', () =>
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
  ])('that its provider refuses with %i fails with %s', (code, name) =>
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

  test('is there once for the next when who only looked at it is killed', () =>
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
    ['one that has begun to receive', false],
    ['one that has begun to select', true],
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
