import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket as NetSocket, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  attempt,
  type Coroutine,
  Event,
  type Greenlet,
  GreenletExit,
  once,
  sleep,
  spawn,
  Timeout,
} from '@greenlit/core'
import {
  type Address,
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createConnection,
  createServer,
  errno,
  gaierror,
  getResolver,
  hasDualstackIPv6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  type ResolvedAddress,
  SHUT_WR,
  SO_LINGER,
  SO_REUSEPORT,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  type Socket,
  select,
  setdefaulttimeout,
  setResolver,
  socket,
  TimeoutError,
} from '@greenlit/net'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { canReusePort } from '../../src/socket/reuse-port.ts'
import { guardLeaks } from '../guard.ts'
import { failure, hasIPv6, listener, loopTurns, run, unusedAddress } from '../pair.ts'

guardLeaks()

const folder = mkdtempSync(join(tmpdir(), 'greenlit-net-'))
let count = 0
const newPath = () => join(folder, `${(count += 1)}`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function closeAll(...sockets: readonly Socket[]): void {
  for (const each of sockets) each.close()
}

describe('bind', () => {
  test('assigns a port and the requested address', () =>
    run(function* () {
      const one = socket()
      yield* one.bind(['127.0.0.1', 0])
      const [host, port] = one.getsockname() as [string, number]
      expect(host).toBe('127.0.0.1')
      expect(port).toBeGreaterThan(0)
      expect(yield* failure(one.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL', errno: 22 })
      const other = socket()
      const taken = function* () {
        yield* other.bind([host, port])
        yield* other.listen()
      }
      yield* one.listen()
      expect(yield* failure(spawn(taken).get())).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      closeAll(one, other)
    }))

  test('fails if another socket is bound to the address, even if neither listens', () =>
    run(function* () {
      const [one, other] = [socket(), socket()]
      yield* one.bind(['127.0.0.1', 0])
      expect(yield* failure(other.bind(one.getsockname()))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      closeAll(one, other)
    }))

  test('fails if a bound socket has a wildcard address that includes the address, or the reverse', () =>
    run(function* () {
      const pairs = [
        [AF_INET, '', AF_INET, '127.0.0.1', true],
        [AF_INET, '127.0.0.1', AF_INET, '', true],
        [AF_INET, '127.0.0.1', AF_INET, '127.0.0.2', false],
        [AF_INET6, '::', AF_INET, '127.0.0.1', true],
        [AF_INET6, '::', AF_INET6, '::1', true],
        [AF_INET6, '::1', AF_INET, '127.0.0.1', false],
      ] as const
      for (const [family, host, otherFamily, otherHost, conflicts] of pairs) {
        if (!hasIPv6 && family === AF_INET6) continue
        const [one, other] = [socket(family), socket(otherFamily)]
        yield* one.bind([host, 0])
        const outcome = yield* attempt(other.bind([otherHost, (one.getsockname() as [string, number])[1]]))
        const expected = conflicts ? { ok: false, error: { code: 'EADDRINUSE', errno: 98 } } : { ok: true }
        expect(outcome, `${host} and ${otherHost}`).toMatchObject(expected)
        closeAll(one, other)
      }
      if (!hasIPv6) return
      const [onlyIPv6, other] = [socket(AF_INET6), socket()]
      onlyIPv6.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 5)
      yield* onlyIPv6.bind(['::', 0])
      yield* other.bind(['127.0.0.1', (onlyIPv6.getsockname() as [string, number])[1]])
      closeAll(onlyIPv6, other)
    }))

  test('with SO_REUSEPORT fails unless all sockets on the port set it', () =>
    run(function* () {
      const [one, two, other] = [socket(), socket(), socket()]
      const reuse = () => {
        for (const each of [one, two]) each.setsockopt(SOL_SOCKET, SO_REUSEPORT, 2)
      }
      if (!canReusePort(SOCK_STREAM)) {
        expect(reuse).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }))
      } else {
        reuse()
        yield* one.bind(['127.0.0.1', 0])
        yield* two.bind(one.getsockname())
        expect(yield* failure(other.bind(one.getsockname()))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      }
      closeAll(one, two, other)
    }))

  test('to a name succeeds for only one of two greenlets, and fails if the socket is closed during the lookup', () =>
    run(function* () {
      const found = new Event()
      const previous = setResolver({
        *resolve() {
          yield* found.wait()
          return [{ address: '127.0.0.1', family: 4 }]
        },
      })
      const [one, closed] = [socket(), socket()]
      const binding = [one, one, closed].map((each) => spawn(() => each.bind(['slow.test', 0])))
      yield* sleep(0)
      closed.close()
      found.set()
      yield* binding[0]!
      expect(yield* failure(binding[1]!.get())).toMatchObject({ code: 'EINVAL', errno: 22 })
      expect(yield* failure(binding[2]!.get())).toMatchObject({ code: 'EBADF', errno: 9 })
      setResolver(previous)
      one.close()
    }))

  test('rejects malformed addresses immediately', () => {
    using inet = socket()
    using six = socket(AF_INET6)
    using unix = socket(AF_UNIX)
    const shapes: readonly unknown[] = ['path', undefined, null, 5, [], ['host'], ['h', 1, 2], [1, 80], ['h', '80'], {}]
    for (const shape of shapes) expect(() => inet.bind(shape as Address)).toThrow(TypeError)
    for (const port of [-1, 65_536]) expect(() => inet.bind(['h', port])).toThrow('port must be 0-65535')
    expect(() => inet.connect(['h', 1.5])).toThrow(TypeError)
    expect(() => six.bind(['::1', 1, 2, 3, 4] as never)).toThrow(TypeError)
    expect(() => six.bind(['::1', 1, -1])).toThrow(RangeError)
    expect(() => unix.bind(['host', 1])).toThrow(TypeError)
    expect(() => unix.bind('a\0b')).toThrow('embedded null')
  })

  test('rejects addresses of another family or another host', () =>
    run(function* () {
      using inet = socket()
      expect(yield* failure(inet.bind(['::1', 0]))).toMatchObject({ code: 'EAI_ADDRFAMILY', errno: -9 })
      expect(yield* failure(inet.bind(['192.0.2.1', 0]))).toMatchObject({ code: 'EADDRNOTAVAIL', errno: 99 })
    }))
})

describe('listen and accept', () => {
  test('accept any backlog, and bind implicitly', () =>
    run(function* () {
      expect(() => socket().listen(2 ** 31)).toThrow(RangeError)
      for (const backlog of [0, -1, undefined, 1_000_000]) {
        const server = socket()
        yield* server.listen(backlog)
        const [host, port] = server.getsockname() as [string, number]
        expect(host).toBe('0.0.0.0')
        expect(port).toBeGreaterThan(0)
        closeAll(server)
      }
      const closed = socket()
      const opening = spawn(() => closed.listen())
      const closing = spawn(() => closed.close())
      expect(yield* failure(opening.get())).toMatchObject({ code: 'EBADF', errno: 9 })
      yield* closing
      using one = socket()
      expect(() => one.listen(1.5)).toThrow(TypeError)
      expect(() => one.listen('x' as never)).toThrow(TypeError)
    }))

  test('listen on the bound address, even if several greenlets call listen and one is killed', () =>
    run(function* () {
      const server = socket()
      yield* server.bind(['127.0.0.1', 0])
      const own = server.getsockname()
      const killed = spawn(() => server.listen())
      yield* sleep(0)
      yield* killed.kill()
      for (const listening of [spawn(() => server.listen()), spawn(() => server.listen())]) yield* listening
      expect(server.getsockname()).toEqual(own)
      closeAll(yield* createConnection(own), (yield* server.accept())[0], server)
    }))

  test('return a new socket and the address of the peer', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      yield* client.connect(server.getsockname())
      const [accepted, address] = yield* server.accept()
      expect(address).toEqual(client.getsockname())
      expect(accepted.getpeername()).toEqual(client.getsockname())
      expect(accepted.getsockname()).toEqual(server.getsockname())
      expect(client.getpeername()).toEqual(server.getsockname())
      expect(accepted.fileno()).not.toBe(server.fileno())
      client.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      client.close()
      expect(yield* failure(accepted.recv(1))).toMatchObject({ code: 'ECONNRESET' })
      expect(accepted.getsockname()).toEqual(server.getsockname())
      expect(accepted.getpeername()).toEqual(address)
      closeAll(accepted, client, server)
    }))

  test('report the local address that was connected to on a wildcard listener', () =>
    run(function* () {
      const server = socket()
      yield* server.listen()
      const [, port] = server.getsockname() as [string, number]
      const client = yield* createConnection(['127.0.0.1', port])
      const [accepted] = yield* server.accept()
      expect(accepted.getsockname()).toEqual(['127.0.0.1', port])
      closeAll(client, accepted, server)
    }))

  test('wait no longer than the timeout', () =>
    run(function* () {
      const server = yield* listener()
      server.settimeout(20)
      expect(yield* failure(server.accept())).toMatchObject({ name: 'TimeoutError', message: 'timed out' })
      expect(yield* failure(server.accept({ timeout: 0 }))).toMatchObject({ name: 'BlockingIOError', errno: 11 })
      server.settimeout(0)
      const error = yield* failure(server.accept())
      expect(error).toMatchObject({ code: 'EAGAIN' })
      expect(error).not.toBeInstanceOf(TimeoutError)
      const client = socket()
      yield* client.connect(server.getsockname())
      yield* select([server], [], [])
      const [accepted] = yield* server.accept()
      expect(accepted.getblocking()).toBe(true)
      closeAll(accepted, client, server)
    }))

  test('without blocking find a connection, also in a loop that does nothing else', () =>
    run(function* () {
      const server = yield* listener()
      server.setblocking(false)
      const client = socket()
      expect(yield* client.connectEx(server.getsockname(), { timeout: 0 })).toBe(errno.EINPROGRESS)
      let found = yield* attempt(server.accept())
      while (!found.ok) found = yield* attempt(server.accept())
      const killed = spawn(() => server.accept())
      yield* sleep(0)
      yield* killed.kill()
      const second = yield* createConnection(server.getsockname())
      const [accepted] = yield* server.accept({ timeout: 10_000 })
      closeAll(found.value[0], accepted, client, second, server)
    }))

  test('give each connection to one of several greenlets, and lose none to a kill', () =>
    run(function* () {
      const server = yield* listener()
      const waiting = Array.from({ length: 3 }, () => spawn(() => server.accept()))
      yield* sleep(0)
      yield* waiting[0]!.kill()
      const clients = [socket(), socket(), socket()]
      for (const client of clients) yield* client.connect(server.getsockname())
      const accepted = [yield* waiting[1]!, yield* waiting[2]!, yield* server.accept()]
      const ports = accepted.map(([, address]) => (address as [string, number])[1])
      expect(ports.sort()).toEqual(clients.map((each) => (each.getsockname() as [string, number])[1]).sort())
      closeAll(server, ...clients, ...accepted.map(([each]) => each))
    }))

  test('keep the order of the other waiting greenlets when one is killed or times out', () =>
    run(function* () {
      const server = yield* listener()
      const names: string[] = []
      const waiting = ['first', 'second', 'third', 'fourth'].map((name) =>
        spawn(function* () {
          const [connection] = yield* server.accept(name === 'third' ? { timeout: 1 } : {})
          names.push(name)
          connection.close()
        }),
      )
      yield* sleep(0)
      yield* waiting[1]!.kill()
      expect(yield* failure(waiting[2]!)).toBeInstanceOf(TimeoutError)
      for (let connections = 0; connections < 2; connections += 1) {
        using client = yield* createConnection(server.getsockname())
        expect((yield* client.recv(1)).length).toBe(0)
      }
      expect(names).toEqual(['first', 'fourth'])
      server.close()
    }))

  test('report a system error to the waiting call or to the next one, and continue', () =>
    run(function* () {
      const listening = vi.spyOn(Server.prototype, 'listen')
      const server = yield* listener()
      const inner = listening.mock.contexts[0] as Server
      listening.mockRestore()
      const fail = () => inner.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
      const waiting = spawn(() => server.accept())
      yield* sleep(0)
      fail()
      expect(yield* failure(waiting)).toMatchObject({ code: 'EMFILE', errno: 24 })
      expect(yield* select([server], [], [], { timeout: 0 })).toEqual([[], [], []])
      fail()
      expect(yield* select([server], [], [], { timeout: 0 })).toEqual([[server], [], []])
      expect(yield* failure(server.accept())).toMatchObject({ code: 'EMFILE' })
      using client = yield* createConnection(server.getsockname())
      const [connection] = yield* server.accept()
      expect(connection.getpeername()).toEqual(client.getsockname())
      closeAll(connection, server)
    }))

  test('reset a connection meant for a killed greenlet if the listener is closed as well', () =>
    run(function* () {
      const server = yield* listener()
      const accepting = spawn(() => server.accept())
      // Both happen before the greenlet that the connection wakes gets to run.
      const emit = vi.spyOn(Server.prototype, 'emit')
      emit.mockImplementation(function (this: Server, name: string | symbol, ...rest: unknown[]) {
        if (name === 'connection') accepting.kill()
        const heard = EventEmitter.prototype.emit.call(this, name, ...rest)
        if (name === 'connection') server.close()
        return heard
      })
      const client = socket()
      const asking = spawn(function* () {
        yield* client.connect(server.getsockname())
        yield* client.recv(1, { timeout: 2_000 })
      })
      yield* accepting.join()
      emit.mockRestore()
      expect(accepting.value).toBeInstanceOf(GreenletExit)
      expect(yield* failure(asking.get())).toMatchObject({ code: 'ECONNRESET' })
      closeAll(client)
    }))

  test('reset connections in the queue when the socket is closed', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      yield* client.connect(server.getsockname())
      yield* select([server], [], [])
      server.close()
      expect(yield* failure(client.recv(1, { timeout: 5_000 }))).toMatchObject({ code: 'ECONNRESET' })
      closeAll(client)
    }))

  test('fail with EBADF when the socket is closed', () =>
    run(function* () {
      const server = yield* listener()
      const waiting = [spawn(() => server.accept()), spawn(() => server.accept())]
      yield* sleep(0)
      server.close()
      for (const each of waiting) expect(yield* failure(each.get())).toMatchObject({ code: 'EBADF', errno: 9 })
    }))

  test('reset connections beyond maxPending', () =>
    run(function* () {
      const server = socket()
      yield* server.bind(['127.0.0.1', 0])
      yield* server.listen(10, { maxPending: 1 })
      expect(() => server.listen(10, { maxPending: 0 })).toThrow(RangeError)
      const [first, second] = [socket(), socket()]
      yield* first.connect(server.getsockname())
      // The reset may arrive before the client knows that it is connected.
      const refused = spawn(function* () {
        yield* second.connect(server.getsockname())
        yield* second.recv(1)
      })
      expect(yield* failure(refused.get())).toMatchObject({ code: 'ECONNRESET' })
      const [accepted] = yield* server.accept()
      yield* accepted.sendall('x')
      expect(String(yield* first.recv(1))).toBe('x')
      closeAll(accepted, first, second, server)
    }))

  test('read nothing from a connection before it is accepted, and everything afterwards', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      yield* client.connect(server.getsockname())
      const size = 8 * 1024 * 1024
      const sending = spawn(() => client.sendall(Buffer.alloc(size, 'x')))
      yield* sending.join({ timeout: 50 })
      expect(sending.ready()).toBe(false)
      const [accepted] = yield* server.accept()
      expect((yield* accepted.recvExact(size)).length).toBe(size)
      yield* sending
      closeAll(accepted, client, server)
    }))
})

describe('connect', () => {
  test('to a port without a listener is refused, and the socket can then connect elsewhere', () =>
    run(function* () {
      const server = yield* listener()
      const nowhere = yield* unusedAddress()
      const client = socket()
      expect(yield* failure(client.connect(nowhere))).toMatchObject({ name: 'ConnectionRefusedError', errno: 111 })
      expect(yield* client.connectEx(nowhere)).toBe(errno.ECONNREFUSED)
      yield* client.connect(server.getsockname())
      for (const one of [client, server]) {
        expect(yield* failure(one.connect(server.getsockname()))).toMatchObject({ code: 'EISCONN', errno: 106 })
      }
      expect(yield* client.connectEx(server.getsockname())).toBe(106)
      const [accepted] = yield* server.accept()
      closeAll(accepted, client, server)
    }))

  test('resolves names; an unknown name is a gaierror, also with connectEx', () =>
    run(function* () {
      const server = yield* listener()
      const [, port] = server.getsockname() as [string, number]
      const client = socket()
      yield* client.connect(['localhost', port])
      const [accepted] = yield* server.accept()
      const lost = socket()
      expect(yield* failure(lost.connect(['no-such.invalid', 80]))).toBeInstanceOf(gaierror)
      expect(yield* failure(lost.connectEx(['no-such.invalid', 80]))).toBeInstanceOf(gaierror)
      expect(yield* failure(lost.connect(['::1', 80]))).toMatchObject({ errno: -9 })
      yield* lost.connect(['localhost', port])
      closeAll(accepted, client, server, lost)
    }))

  test('resolves names to addresses of the socket family', () =>
    run(function* () {
      const previous = setResolver({
        *resolve(_host, family) {
          return family === 6 ? [{ address: '::1', family }] : [{ address: '127.0.0.1', family: 4 }]
        },
      })
      try {
        for (const family of hasIPv6 ? [AF_INET, AF_INET6] : [AF_INET]) {
          const server = socket(family)
          yield* server.bind(['own.test', 0])
          yield* server.listen()
          const [, port] = server.getsockname() as [string, number]
          const client = socket(family)
          yield* client.connect(['own.test', port])
          const [accepted] = yield* server.accept()
          expect(client.getpeername()).toEqual(server.getsockname())
          closeAll(accepted, client, server)
        }
      } finally {
        setResolver(previous)
      }
    }))

  test('of a bound socket comes from the bound address', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      yield* client.bind(['127.0.0.1', 0])
      const own = client.getsockname()
      yield* client.connect(server.getsockname())
      const [accepted, address] = yield* server.accept()
      expect(address).toEqual(own)
      accepted.shutdown(SHUT_WR)
      expect(yield* client.recv(1)).toHaveLength(0)
      yield* client.sendall('still open')
      expect(String(yield* accepted.recvExact(10))).toBe('still open')
      expect(yield* failure(accepted.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL' })
      closeAll(accepted, client, server)
    }))

  test('that fails leaves the socket bound; closing it frees the address', () =>
    run(function* () {
      const client = socket()
      yield* client.bind(['127.0.0.1', 0])
      const own = client.getsockname() as [string, number]
      expect(yield* failure(client.connect(['no-such.invalid', 80]))).toBeInstanceOf(gaierror)
      expect(client.getsockname()).toEqual(own)
      expect(yield* failure(client.connect(yield* unusedAddress()))).toMatchObject({ code: 'ECONNREFUSED' })
      expect(client.getsockname()).toEqual(own)
      const other = yield* listener()
      yield* client.connect(other.getsockname())
      const [accepted, from] = yield* other.accept()
      expect(from).toEqual(own)
      const asking = socket()
      yield* asking.bind(['127.0.0.1', 0])
      const free = asking.getsockname()
      const connecting = spawn(() => asking.connect(['no-such.invalid', 80]))
      yield* sleep(0)
      asking.close()
      expect(yield* failure(connecting.get())).toMatchObject({ code: 'EBADF' })
      const next = socket()
      yield* next.bind(free)
      yield* next.listen()
      closeAll(client, accepted, other, next)
    }))

  test('in progress already has a local address', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      expect(yield* client.connectEx(server.getsockname(), { timeout: 0 })).toBe(errno.EINPROGRESS)
      expect(yield* failure(client.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL', errno: 22 })
      expect(yield* failure(client.listen())).toMatchObject({ code: 'EINVAL' })
      const [accepted] = yield* server.accept()
      expect(yield* failure(accepted.listen())).toMatchObject({ code: 'EINVAL' })
      closeAll(accepted, client, server)
    }))

  test('keeps its local address after a reset', () =>
    run(function* () {
      using server = yield* createServer(['127.0.0.1', 0])
      using client = yield* createConnection(server.getsockname())
      const [accepted, address] = yield* server.accept()
      accepted.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      accepted.close()
      expect(yield* failure(client.recv(1))).toMatchObject({ code: 'ECONNRESET' })
      yield* loopTurns()
      expect(client.getsockname()).toEqual(address)
    }))

  test('established just as its greenlet is killed is dropped, and the socket can connect again', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      const connecting = spawn(() => client.connect(server.getsockname()))
      const emitting = vi.spyOn(NetSocket.prototype, 'emit').mockImplementation(function (this: NetSocket, ...event) {
        if (String(event[0]) === 'connect') connecting.kill({ block: false })
        return Reflect.apply(EventEmitter.prototype.emit, this, event) as boolean
      })
      yield* connecting.join()
      emitting.mockRestore()
      expect(connecting.value).toBeInstanceOf(GreenletExit)
      expect(() => client.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      const [given] = yield* server.accept()
      expect(yield* given.recv(1)).toHaveLength(0)
      yield* client.connect(server.getsockname())
      closeAll(server, client, given)
    }))

  test('without blocking makes calls fail with EAGAIN until it is established', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      client.setblocking(false)
      expect(yield* client.connectEx(server.getsockname())).toBe(errno.EINPROGRESS)
      expect(yield* failure(client.send('x'))).toMatchObject({ name: 'BlockingIOError', errno: 11 })
      expect(yield* failure(client.recv(1))).toMatchObject({ name: 'BlockingIOError', errno: 11 })
      expect(() => client.shutdown(SHUT_WR)).toThrow(expect.objectContaining({ code: 'ENOTCONN', errno: 107 }))
      yield* select([], [client], [])
      expect(yield* client.send('x')).toBe(1)
      const [accepted] = yield* server.accept()
      expect(String(yield* accepted.recv(1))).toBe('x')
      closeAll(accepted, client, server)
    }))

  test('fails with EBADF when the socket is closed, and is abandoned after a kill', () =>
    run(function* () {
      const blackHole = socket()
      let calledOff = 0
      const previous = setResolver({
        // The lookup never ends, so the connection attempt cannot either.
        *resolve(): Coroutine<ResolvedAddress[]> {
          try {
            yield* sleep(60_000)
          } finally {
            calledOff += 1
          }
          return []
        },
      })
      try {
        const closing = spawn(() => blackHole.connect(['slow.test', 80]))
        yield* loopTurns()
        blackHole.close()
        expect(yield* failure(closing.get())).toMatchObject({ code: 'EBADF' })
        const killed = socket()
        const connecting = spawn(() => killed.connect(['slow.test', 80]))
        yield* loopTurns()
        yield* connecting.kill()
        expect(connecting.exception ?? connecting.value).toBeInstanceOf(GreenletExit)
        expect(yield* failure(killed.connect(['slow.test', 80], { timeout: 5 }))).toBeInstanceOf(TimeoutError)
        expect(yield* killed.connectEx(['slow.test', 80], { timeout: 5 })).toBe(errno.EAGAIN)
        const limit = new Timeout(5)
        killed.settimeout(10_000)
        expect(yield* failure(killed.connect(['slow.test', 80], { timeout: limit }))).toBeInstanceOf(TimeoutError)
        closeAll(killed)
        yield* sleep(0)
        expect(calledOff).toBe(5)
      } finally {
        setResolver(previous)
      }
    }))
})

describe('createConnection', () => {
  afterEach(() => setdefaulttimeout(undefined))

  test('leaves its timeout, or the default one, on the socket', () =>
    run(function* () {
      const server = yield* listener()
      const address = server.getsockname() as [string, number]
      setdefaulttimeout(42_000)
      const cases = [
        [{ timeout: 30_000 }, 30_000],
        [{}, 42_000],
        [{ timeout: undefined }, undefined],
      ] as const
      for (const [options, expected] of cases) {
        const client = yield* createConnection(address, options)
        expect(client.gettimeout()).toBe(expected)
        const [accepted] = yield* server.accept()
        closeAll(client, accepted)
      }
      const positional = yield* createConnection(address, 30_000 as never)
      expect(positional.gettimeout()).toBe(30_000)
      closeAll(positional, (yield* server.accept())[0], server)
    }))

  test('times out or waits on a slow peer', () =>
    run(function* () {
      const server = yield* listener()
      const address = server.getsockname() as [string, number]
      const patient = yield* createConnection(address)
      const receiving = spawn(() => patient.recv(5))
      const [slow] = yield* server.accept()
      yield* slow.send('done!')
      expect(String(yield* receiving)).toBe('done!')
      const hasty = yield* createConnection(address, { timeout: 400 })
      const [slower] = yield* server.accept()
      expect(yield* failure(hasty.recv(5))).toBeInstanceOf(TimeoutError)
      yield* slower.send('done!')
      expect(String(yield* hasty.recv(5, { timeout: 5_000 }))).toBe('done!')
      closeAll(patient, slow, hasty, slower, server)
    }))

  test('refuses a malformed sourceAddress at the call', () => {
    const address = ['127.0.0.1', 80] as const
    expect(() => createConnection(address, { sourceAddress: 'x' as never })).toThrow(
      '`sourceAddress` to be [host, port]',
    )
    expect(() => createConnection(address, { sourceAddress: ['', 65_536] })).toThrow(RangeError)
  })

  test('connects from sourceAddress', () =>
    run(function* () {
      const server = yield* listener()
      const sourceAddress = (yield* unusedAddress()) as [string, number]
      const client = yield* createConnection(server.getsockname() as [string, number], { sourceAddress })
      const [accepted, address] = yield* server.accept()
      expect(address).toEqual(sourceAddress)
      closeAll(client, accepted, server)
    }))

  test('tries each address in turn, and throws the last error or all of them', () =>
    run(function* () {
      const server = yield* listener()
      const [, port] = server.getsockname() as [string, number]
      const previous = setResolver({
        resolve: () =>
          spawn(function* () {
            return [
              { address: '127.0.0.2', family: 4 },
              { address: '127.0.0.1', family: 4 },
            ] as const
          }).get(),
      } as never)
      try {
        const client = yield* createConnection(['two.test', port])
        expect(client.getpeername()).toEqual(['127.0.0.1', port])
        const [accepted] = yield* server.accept()
        closeAll(client, accepted, server)
        const [, unused] = (yield* unusedAddress()) as [string, number]
        expect(yield* failure(createConnection(['two.test', unused]))).toMatchObject({ errno: 111 })
        const all = yield* failure<AggregateError>(createConnection(['two.test', unused], { allErrors: true }))
        expect(all).toBeInstanceOf(AggregateError)
        expect(all.errors.map((each) => each.errno)).toEqual([111, 111])
      } finally {
        setResolver(previous)
      }
    }))

  test('closes the socket when it is killed', () =>
    run(function* () {
      const before = getResolver()
      const server = socket()
      yield* server.bind(['127.0.0.1', 0])
      yield* server.listen(1)
      const [host, port] = server.getsockname() as [string, number]
      const connecting = spawn(() => createConnection([host, port]))
      yield* sleep(0)
      yield* connecting.kill(new Error('enough'))
      expect(connecting.exception).toMatchObject({ message: 'enough' })
      expect(getResolver()).toBe(before)
      closeAll(server)
    }))

  test('rejects invalid addresses immediately', () => {
    expect(() => createConnection('x' as never)).toThrow(TypeError)
    expect(() => createConnection(['x', 70_000])).toThrow(RangeError)
    expect(() => createConnection(['x', 1], { timeout: -1 })).toThrow(RangeError)
  })
})

describe('createServer', () => {
  test('listens on the requested address', () =>
    run(function* () {
      const server = yield* createServer(['127.0.0.1', 0])
      expect([server.family, server.type]).toEqual([AF_INET, SOCK_STREAM])
      expect((server.getsockname() as [string, number])[0]).toBe('127.0.0.1')
      closeAll(server)
      expect(() => createServer(['127.0.0.1', 0], { dualstackIPv6: true })).toThrow('dualstackIPv6 requires AF_INET6')
    }))

  test.runIf(hasIPv6)('accepts IPv6 only, or IPv4 as well', () =>
    run(function* () {
      for (const dualstackIPv6 of [false, true]) {
        const server = yield* createServer(['::', 0], { family: AF_INET6, dualstackIPv6 })
        const [, port] = server.getsockname() as unknown as [string, number]
        const six = yield* createConnection(['::1', port])
        const [accepted, address] = yield* server.accept()
        expect(address).toEqual(six.getsockname())
        expect(address).toHaveLength(4)
        closeAll(six, accepted)
        const four = socket()
        expect(yield* four.connectEx(['127.0.0.1', port])).toBe(dualstackIPv6 ? 0 : errno.ECONNREFUSED)
        if (dualstackIPv6) closeAll((yield* server.accept())[0])
        closeAll(four, server)
      }
      expect(yield* hasDualstackIPv6()).toBe(true)
    }),
  )

  test('shares its port if Node supports that, and fails otherwise', () =>
    run(function* () {
      const first = yield* attempt(createServer(['127.0.0.1', 0], { reusePort: true }))
      if (!first.ok) {
        expect(first.error).toMatchObject({ code: 'ENOPROTOOPT' })
        const datagrams = socket(AF_INET, SOCK_DGRAM)
        expect(() => datagrams.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)).toThrow('Protocol not available')
        datagrams.setsockopt(SOL_SOCKET, SO_REUSEPORT, 0)
        closeAll(datagrams)
        return
      }
      const second = yield* createServer(first.value.getsockname(), { reusePort: true })
      expect(second.getsockname()).toEqual(first.value.getsockname())
      const bound = [socket(), socket()]
      for (const each of bound) {
        each.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        yield* each.bind(bound[0]!.getsockname())
      }
      closeAll(first.value, second, ...bound)
    }))
})

describe('unix sockets', () => {
  test('are addressed by path', () =>
    run(function* () {
      const path = newPath()
      const server = yield* createServer(path, { family: AF_UNIX })
      const client = socket(AF_UNIX)
      yield* client.connect(path)
      const [accepted, address] = yield* server.accept()
      expect([server.getsockname(), client.getpeername(), accepted.getsockname()]).toEqual([path, path, path])
      expect([address, accepted.getpeername(), client.getsockname()]).toEqual(['', '', ''])
      yield* accepted.sendall('x')
      expect(String(yield* client.recv(1))).toBe('x')
      const other = socket(AF_UNIX)
      expect(yield* failure(other.bind(path))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      closeAll(accepted, client, server, other)
    }))

  test('that are not bound cannot listen', () =>
    run(function* () {
      const fresh = socket(AF_UNIX)
      expect(yield* failure(fresh.listen())).toMatchObject({ code: 'EINVAL', errno: 22 })
      yield* fresh.bind(newPath())
      yield* fresh.listen()
      yield* fresh.listen()
      closeAll(fresh)
    }))

  test('that are not connected can neither send nor receive', () =>
    run(function* () {
      const fresh = socket(AF_UNIX)
      for (const call of [fresh.send('x'), fresh.sendall('x'), fresh.recv(1)])
        expect(yield* failure(call)).toMatchObject({ code: 'ENOTCONN', errno: 107 })
      closeAll(fresh)
    }))

  test('report paths that are missing, stale or too long', () =>
    run(function* () {
      const client = socket(AF_UNIX)
      expect(yield* client.connectEx(newPath())).toBe(2)
      expect(yield* client.connectEx('')).toBe(22)
      expect(yield* failure(client.connect(newPath()))).toMatchObject({ name: 'FileNotFoundError' })
      expect(() => client.connect(`/${'x'.repeat(107)}`)).toThrow('AF_UNIX path too long')
      expect(yield* failure(client.bind(`${newPath()}/of/no/directory`))).toMatchObject({ code: 'ENOENT', errno: 2 })
      closeAll(client)
    }))

  test('wait for room in a full backlog', () =>
    run(function* () {
      const path = newPath()
      const server = new Server((connection) => connection.destroy()).listen({ path, backlog: 1 })
      yield* once(server, 'listening')
      const clients = Array.from({ length: 20 }, () => socket(AF_UNIX))
      const connecting: Greenlet<unknown>[] = clients.map((client) => spawn(() => client.connect(path)))
      const killed = connecting.pop()!
      const background = clients[10]!
      connecting[10] = spawn(function* () {
        background.setblocking(false)
        yield* background.connectEx(path)
        yield* select([], [background], [])
        expect(background.getpeername()).toBe(path)
      })
      yield* loopTurns(1)
      yield* killed.kill()
      for (const each of connecting) yield* each
      closeAll(...clients)
      server.close()
      yield* once(server, 'close')
    }))

  test('can have abstract names', () =>
    run(function* () {
      const name = `\0greenlit\0test-${process.pid}`
      const server = yield* createServer(name, { family: AF_UNIX })
      const client = socket(AF_UNIX)
      yield* client.connect(name)
      const [accepted] = yield* server.accept()
      expect(client.getpeername()).toBe(name)
      expect(server.getsockname()).toBe(name)
      const another = yield* createConnection(name)
      closeAll(accepted, client, another, server)
      const longest = yield* createServer(`\0${String(process.pid).padEnd(107, 'x')}`, { family: AF_UNIX })
      closeAll(longest)
      expect(() => createServer(`\0${'x'.repeat(108)}`, { family: AF_UNIX })).toThrow('AF_UNIX path too long')
    }))

  test('without a name are assigned one', () =>
    run(function* () {
      const server = socket(AF_UNIX)
      yield* server.bind('')
      yield* server.listen()
      expect(server.getsockname()).toMatch(/^\0[0-9a-f]{5}/)
      const client = socket(AF_UNIX)
      yield* client.connect(server.getsockname())
      closeAll((yield* server.accept())[0], client, server)
    }))
})

test('the failure of a non-blocking connection attempt is reported once, by the next call', () =>
  run(function* () {
    for (const call of ['recv', 'send'] as const) {
      const client = socket()
      client.setblocking(false)
      yield* client.connectEx(yield* unusedAddress())
      yield* select([], [client], [])
      expect(() => client.shutdown(SHUT_WR)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      const next = () => (call === 'recv' ? client.recv(1) : client.send('x'))
      expect(yield* failure(next())).toMatchObject({ code: 'ECONNREFUSED' })
      expect(yield* failure(next())).toMatchObject({ code: call === 'recv' ? 'ENOTCONN' : 'EPIPE' })
      client.close()
    }
  }))
