import { Socket as NetSocket } from 'node:net'
import { attempt, sleep, spawn } from '@greenlit/core'
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createConnection,
  createServer,
  fromfd,
  getdefaulttimeout,
  type InetAddress,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_V6ONLY,
  OSError,
  SHUT_RD,
  SHUT_RDWR,
  SO_ACCEPTCONN,
  SO_BROADCAST,
  SO_DOMAIN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  select,
  setdefaulttimeout,
  socket,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
} from '@greenlit/net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, listener, run, tcpPair } from '../pair.ts'

guardLeaks()

describe('a fresh socket', () => {
  test('receives 0 bytes immediately in any state, as in CPython', () =>
    run(function* () {
      using fresh = socket()
      using datagrams = socket(AF_INET, SOCK_DGRAM)
      expect((yield* fresh.recv(0)).length).toBe(0)
      expect((yield* datagrams.recv(0)).length).toBe(0)
      expect(yield* fresh.recvInto(Buffer.alloc(0))).toBe(0)
      expect(yield* failure(fresh.recvfrom(0))).toMatchObject({ code: 'ENOTCONN' })
    }))

  test('reports its family, type, number and unbound address', () => {
    using stream = socket()
    expect([stream.family, stream.type, stream.proto]).toEqual([AF_INET, SOCK_STREAM, 0])
    expect(stream.fileno()).toBeGreaterThan(2)
    expect(stream.getsockname()).toEqual(['0.0.0.0', 0])
    using six = socket(AF_INET6)
    expect(six.getsockname()).toEqual(['::', 0, 0, 0])
    using unix = socket(AF_UNIX)
    expect(unix.getsockname()).toBe('')
    expect(String(stream)).toContain('fd=')
    expect(new Socket()).toBeInstanceOf(Socket)
  })

  test('shows its addresses as text, or that it is closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const [own, peer] = [left, right].map((each) => (each.getsockname() as InetAddress).slice(0, 2).join(':'))
      expect(String(left)).toBe(
        `<Socket fd=${left.fileno()}, family=2, type=1, proto=${left.proto}, laddr=${own}, raddr=${peer}>`,
      )
      left.close()
      right.close()
      expect(String(left)).toBe('<Socket [closed]>')
      using fresh = socket(AF_UNIX)
      expect(String(fresh)).toBe(`<Socket fd=${fresh.fileno()}, family=1, type=1, proto=0>`)
    }))

  test('takes its arguments by name', () => {
    using datagrams = socket({ type: SOCK_DGRAM })
    expect([datagrams.family, datagrams.type, datagrams.proto]).toEqual([AF_INET, SOCK_DGRAM, 0])
    using six = socket({ family: AF_INET6, proto: IPPROTO_TCP })
    expect([six.family, six.type, six.proto]).toEqual([AF_INET6, SOCK_STREAM, IPPROTO_TCP])
  })

  test('is non-blocking if its type has SOCK_NONBLOCK', () => {
    setdefaulttimeout(1_000)
    using blocking = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC)
    using nonBlocking = socket({ type: SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC })
    setdefaulttimeout(undefined)
    expect([blocking.type, blocking.gettimeout()]).toEqual([SOCK_STREAM, 1_000])
    expect([nonBlocking.type, nonBlocking.gettimeout(), nonBlocking.getblocking()]).toEqual([SOCK_DGRAM, 0, false])
    expect(() => socket(AF_INET, SOCK_NONBLOCK)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }))
  })

  test('cannot be created for families and types that Node does not support', () => {
    expect(() => socket(17)).toThrow(expect.objectContaining({ code: 'EAFNOSUPPORT', errno: 97 }))
    expect(() => socket(AF_INET, 3)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT', errno: 93 }))
    expect(() => socket(AF_INET, SOCK_STREAM, 17)).toThrow(expect.objectContaining({ code: 'EPROTONOSUPPORT' }))
    expect([socket(AF_INET, SOCK_STREAM, IPPROTO_TCP).proto, socket().proto]).toEqual([6, 0])
    expect(() => socket(AF_UNIX, SOCK_STREAM, IPPROTO_TCP)).toThrow('expected 0, got 6')
    expect(() => socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP)).toThrow('expected 0 or 17, got 6')
    expect(socket(AF_INET, SOCK_DGRAM, 17).proto).toBe(17)
    expect(() => socket(AF_INET, SOCK_STREAM, 'tcp' as never)).toThrow(TypeError)
    expect(() => socket('AF_INET' as never)).toThrow(TypeError)
    expect(() => socket(1.5)).toThrow(TypeError)
    expect(() => socket(AF_INET, NaN)).toThrow(TypeError)
    expect(() => socket(AF_INET, SOCK_STREAM, 0.5)).toThrow(TypeError)
    expect(() => socket(AF_INET, 'x' as never)).toThrow(TypeError)
    expect(() => socket({ fileno: 123_456 })).toThrow(expect.objectContaining({ code: 'EBADF', errno: 9 }))
    expect(() => socket({ fileno: -1 })).toThrow(RangeError)
    expect(() => socket({ fileno: 'x' as never })).toThrow(TypeError)
  })

  test('fails with ENOTCONN or EPIPE in calls that need a peer', () =>
    run(function* () {
      using fresh = socket()
      for (const operation of [fresh.recv(1), fresh.recvInto(Buffer.alloc(1)), fresh.recvExact(1)]) {
        expect(yield* failure(operation)).toMatchObject({ code: 'ENOTCONN', errno: 107 })
      }
      for (const operation of [fresh.send('x'), fresh.sendall('x')]) {
        expect(yield* failure(operation)).toMatchObject({ code: 'EPIPE', errno: 32 })
      }
      expect(() => fresh.shutdown(SHUT_RD)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      expect(() => fresh.shutdown(3)).toThrow(expect.objectContaining({ code: 'EINVAL', errno: 22 }))
      for (const how of ['x', undefined, 0.5]) expect(() => fresh.shutdown(how as never)).toThrow(TypeError)
      expect(() => fresh.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      expect(yield* failure(fresh.accept())).toMatchObject({ code: 'EINVAL', errno: 22 })
    }))
})

describe('a closed socket', () => {
  test('fails every call with EBADF, and may be closed again', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.close()
      yield* left.close()
      const calls = [
        left.recv(1),
        left.send('x'),
        left.sendall('x'),
        left.recvfrom(1),
        left.recvExact(1),
        left.connect(['127.0.0.1', 1]),
        left.bind(['127.0.0.1', 0]),
        left.listen(),
        left.accept(),
        left.sendfile(import.meta.filename),
      ]
      for (const call of calls) expect(yield* failure(call)).toMatchObject({ code: 'EBADF', errno: 9 })
      const now = [
        () => left.getsockname(),
        () => left.getpeername(),
        () => left.dup(),
        () => left.makefile(),
        () => left.shutdown(SHUT_RDWR),
        () => left.settimeout(1),
        () => left.setblocking(true),
        () => left.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1),
        () => left.getsockopt(SOL_SOCKET, SO_ERROR),
      ]
      for (const call of now) expect(call).toThrow(expect.objectContaining({ code: 'EBADF' }))
      expect(left.fileno()).toBe(-1)
      expect(left.detach()).toBe(-1)
      expect(left.closed).toBe(true)
      right.close()
    }))
})

describe('the timeout of a socket', () => {
  afterEach(() => setdefaulttimeout(undefined))

  test('is the one set last, by either call', () => {
    using one = socket()
    expect([one.gettimeout(), one.getblocking()]).toEqual([undefined, true])
    one.settimeout(10)
    expect([one.gettimeout(), one.getblocking()]).toEqual([10, true])
    one.setblocking(false)
    expect([one.gettimeout(), one.getblocking()]).toEqual([0, false])
    one.setblocking(true)
    expect([one.gettimeout(), one.getblocking()]).toEqual([undefined, true])
    one.settimeout(0)
    expect(one.getblocking()).toBe(false)
    one.settimeout(undefined)
    expect(one.gettimeout()).toBe(undefined)
  })

  test('must be a number and not negative', () => {
    using one = socket()
    expect(() => one.settimeout(-1)).toThrow(
      new RangeError('Timeout value out of range: expected milliseconds from 0 up, got -1'),
    )
    expect(() => one.settimeout('x' as never)).toThrow(TypeError)
    expect(() => one.settimeout(Number.NaN)).toThrow(TypeError)
    expect(() => setdefaulttimeout(-1)).toThrow(RangeError)
    expect(() => setdefaulttimeout('x' as never)).toThrow(TypeError)
  })

  test('is the default timeout for new and accepted sockets', () =>
    run(function* () {
      const server = yield* listener()
      server.settimeout(5_000)
      setdefaulttimeout(42)
      expect(getdefaulttimeout()).toBe(42)
      const client = socket()
      expect(client.gettimeout()).toBe(42)
      client.settimeout(undefined)
      yield* client.connect(server.getsockname())
      const [accepted] = yield* server.accept()
      expect(accepted.gettimeout()).toBe(42)
      for (const each of [accepted, client, server]) each.close()
    }))
})

describe('options', () => {
  test('of TCP are recorded, and applied once there is a connection', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      const settings = [
        [IPPROTO_TCP, TCP_NODELAY],
        [SOL_SOCKET, SO_KEEPALIVE],
        [SOL_SOCKET, SO_REUSEADDR],
        [IPPROTO_TCP, TCP_KEEPIDLE],
        [IPPROTO_TCP, TCP_KEEPINTVL],
        [IPPROTO_TCP, TCP_KEEPCNT],
      ] as const
      for (const [level, name] of settings) {
        expect([1, 3]).not.toContain(client.getsockopt(level, name))
        client.setsockopt(level, name, 3)
      }
      yield* client.connect(server.getsockname())
      const [accepted] = yield* server.accept()
      accepted.setsockopt(IPPROTO_TCP, TCP_NODELAY, true)
      expect(accepted.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1)
      accepted.setsockopt(IPPROTO_TCP, TCP_NODELAY, false)
      expect(accepted.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(0)
      expect(settings.map(([level, name]) => client.getsockopt(level, name))).toEqual([1, 1, 1, 3, 3, 3])
      for (const each of [accepted, client, server]) each.close()
    }))

  test('that are on or off are read back as 1 or 0, whatever number was set', () => {
    const fresh = socket(AF_INET6)
    const switches = [
      [SOL_SOCKET, SO_KEEPALIVE],
      [SOL_SOCKET, SO_REUSEADDR],
      [SOL_SOCKET, SO_BROADCAST],
      [IPPROTO_TCP, TCP_NODELAY],
      [IPPROTO_IPV6, IPV6_V6ONLY],
    ] as const
    for (const [level, name] of switches) {
      for (const value of [300, -1]) {
        fresh.setsockopt(level, name, value)
        expect(fresh.getsockopt(level, name)).toBe(1)
      }
    }
    fresh.close()
  })

  test('are applied once there is a connection; accepted sockets inherit those of the listener', () =>
    run(function* () {
      const server = yield* listener()
      server.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
      const noDelay = vi.spyOn(NetSocket.prototype, 'setNoDelay')
      const client = socket()
      client.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
      yield* client.connect(server.getsockname())
      expect(noDelay.mock.calls).toEqual([[true]])
      const [accepted] = yield* server.accept()
      expect(accepted.getsockopt(IPPROTO_TCP, TCP_NODELAY)).toBe(1)
      expect(noDelay.mock.calls).toEqual([[true], [true]])
      noDelay.mockRestore()
      for (const each of [accepted, client, server]) each.close()
    }))

  test('for keep-alive are applied together, the others one by one; values that Linux rejects are rejected', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const keepAlive = vi.spyOn(NetSocket.prototype, 'setKeepAlive')
      left.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
      left.setsockopt(IPPROTO_TCP, TCP_KEEPINTVL, 5)
      left.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 30)
      // Without an idle time libuv leaves all of them at the defaults of the system.
      expect(keepAlive.mock.calls.map(([, idle]) => idle)).toEqual([0, 7_200_000, 30_000])
      expect(keepAlive).toHaveBeenLastCalledWith(true, 30_000, 5_000, 9)
      keepAlive.mockRestore()
      const invalid = expect.objectContaining({ code: 'EINVAL', errno: 22 })
      for (const [option, most] of [
        [TCP_KEEPIDLE, 32_767],
        [TCP_KEEPINTVL, 32_767],
        [TCP_KEEPCNT, 127],
      ] as const) {
        expect(() => left.setsockopt(IPPROTO_TCP, option, 0)).toThrow(invalid)
        expect(() => left.setsockopt(IPPROTO_TCP, option, most + 1)).toThrow(invalid)
        left.setsockopt(IPPROTO_TCP, option, most)
      }
      for (const each of [left, right]) each.close()
    }))

  test('of different levels are distinct, even with the same number', () => {
    using one = socket()
    using other = socket()
    for (const each of [one, other]) {
      each.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)
      expect(each.getsockopt(IPPROTO_TCP, TCP_KEEPCNT)).toBe(9)
      each.setsockopt(IPPROTO_TCP, TCP_KEEPCNT, each === one ? 5 : 7)
      each.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
      each.setsockopt(SOL_SOCKET, SO_BROADCAST, 0)
    }
    const values = [one, other].map((each) => [
      each.getsockopt(IPPROTO_TCP, TCP_KEEPCNT),
      each.getsockopt(SOL_SOCKET, SO_KEEPALIVE),
      each.getsockopt(SOL_SOCKET, SO_BROADCAST),
    ])
    expect(values).toEqual([
      [5, 1, 0],
      [7, 1, 0],
    ])
  })

  test('have the defaults of Linux', () => {
    const fresh = socket()
    const options = [TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT]
    expect(options.map((option) => fresh.getsockopt(IPPROTO_TCP, option))).toEqual([0, 7200, 75, 9])
    fresh.setsockopt(SOL_SOCKET, SO_LINGER, new Uint8Array(new Int32Array([1, 0]).buffer))
    expect(fresh.getsockopt(SOL_SOCKET, SO_LINGER)).toBe(1)
    fresh.close()
  })

  test('report what kind of socket it is', () =>
    run(function* () {
      const server = yield* listener()
      expect(server.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(SOCK_STREAM)
      expect(server.getsockopt(SOL_SOCKET, SO_DOMAIN)).toBe(AF_INET)
      expect(server.getsockopt(SOL_SOCKET, SO_PROTOCOL)).toBe(IPPROTO_TCP)
      expect(server.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(1)
      expect(server.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
      server.close()
      using fresh = socket()
      expect(fresh.getsockopt(SOL_SOCKET, SO_ACCEPTCONN)).toBe(0)
    }))

  test('that Node cannot set are rejected, as are invalid ones', () => {
    using one = socket()
    const unavailable = expect.objectContaining({ code: 'ENOPROTOOPT', errno: 92 })
    expect(() => one.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)).toThrow(unavailable)
    expect(() => one.getsockopt(SOL_SOCKET, SO_RCVBUF)).toThrow(unavailable)
    expect(() => one.setsockopt(99, 1, 1)).toThrow(OSError)
    expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 'on' as never)).toThrow(TypeError)
    for (const length of [1, 3, 8]) {
      expect(() => one.setsockopt(SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(length))).toThrow(TypeError)
    }
    expect(() => one.setsockopt('x' as never, SO_KEEPALIVE, 1)).toThrow(TypeError)
    expect(() => one.setsockopt(SOL_SOCKET, SO_REUSEADDR, undefined as never)).toThrow(TypeError)
    one.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)
  })

  test('a type of service is recorded for the connection, or rejected immediately if Node cannot set it', () =>
    run(function* () {
      const server = yield* listener()
      const client = socket()
      if ('setTypeOfService' in NetSocket.prototype) {
        client.setsockopt(IPPROTO_IP, IP_TOS, 16)
        const tooMuch = () => client.setsockopt(IPPROTO_IP, IP_TOS, 256)
        expect(tooMuch).toThrow(expect.objectContaining({ code: 'EINVAL', errno: 22 }))
        expect(client.getsockopt(IPPROTO_IP, IP_TOS)).toBe(16)
      } else {
        const set = () => client.setsockopt(IPPROTO_IP, IP_TOS, 16)
        expect(set).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT', errno: 92 }))
      }
      yield* client.connect(server.getsockname())
      const [accepted] = yield* server.accept()
      for (const each of [client, accepted, server]) each.close()
    }))

  test('are returned as the bytes of their C struct if a length is given', () => {
    using one = socket()
    one.setsockopt(SOL_SOCKET, SO_LINGER, [1, 5])
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER, 8)).toEqual(Buffer.from(Int32Array.from([1, 5]).buffer))
    expect(one.getsockopt(SOL_SOCKET, SO_TYPE, 16)).toEqual(Buffer.from(Int32Array.from([SOCK_STREAM]).buffer))
    expect(one.getsockopt(SOL_SOCKET, SO_TYPE, 2)).toHaveLength(2)
    expect(one.getsockopt(SOL_SOCKET, SO_TYPE, 0)).toBe(SOCK_STREAM)
    for (const length of [-1, 1025]) {
      expect(() => one.getsockopt(SOL_SOCKET, SO_TYPE, length)).toThrow(/^\[Errno 22\] Expected `buflen` to be/)
    }
    expect(() => one.getsockopt(SOL_SOCKET, SO_TYPE, '4' as never)).toThrow(TypeError)
  })

  test('SO_LINGER with 0 resets the connection at close', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      left.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      expect(left.getsockopt(SOL_SOCKET, SO_LINGER)).toBe(1)
      left.close()
      expect(yield* failure(right.recv(1))).toMatchObject({ code: 'ECONNRESET', errno: 104 })
      right.close()
      using off = socket()
      off.setsockopt(SOL_SOCKET, SO_LINGER, [0, 0])
      expect(off.getsockopt(SOL_SOCKET, SO_LINGER)).toBe(0)
    }))

  test('the stack of a reset shows who was receiving, or received later', () =>
    run(function* () {
      function* receives(peer: Socket) {
        return yield* peer.recv(1)
      }
      const [left, right] = yield* tcpPair()
      const waiting = spawn(() => attempt(receives(right)))
      yield* sleep(0)
      left.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      left.close()
      expect(yield* waiting).toMatchObject({
        error: { code: 'ECONNRESET', stack: expect.stringContaining('at receives') },
      })
      right.close()

      const [first, second] = yield* tcpPair()
      first.setsockopt(SOL_SOCKET, SO_LINGER, [1, 0])
      first.close()
      yield* select([second], [], [])
      const late = yield* attempt(receives(second))
      expect(late).toMatchObject({ error: { code: 'ECONNRESET', stack: expect.stringContaining('at receives') } })
      second.close()
    }))

  test('SO_LINGER takes only [on, seconds]: a plain 0 would make every close a reset', () => {
    using one = socket()
    const invalid = expect.objectContaining({ code: 'EINVAL', errno: 22 })
    for (const value of [0, 1, false, new Uint8Array(4)]) {
      expect(() => one.setsockopt(SOL_SOCKET, SO_LINGER, value)).toThrow(invalid)
    }
    for (const value of [[1], [1, '5'], [1, 0.5]]) {
      expect(() => one.setsockopt(SOL_SOCKET, SO_LINGER, value)).toThrow(TypeError)
    }
    expect(one.getsockopt(SOL_SOCKET, SO_LINGER)).toBe(0)
  })

  test('are unpacked from a Buffer that shares its memory with others', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const packed = Buffer.from(new Int32Array([7, 1, 0, 7]).buffer).subarray(4, 12)
      left.setsockopt(SOL_SOCKET, SO_LINGER, packed)
      left.close()
      expect(yield* failure(right.recv(1))).toMatchObject({ code: 'ECONNRESET' })
      right.close()
    }))
})

describe('datagram calls on a stream', () => {
  test('recvfrom returns no address, sendto sends to the peer', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      expect(yield* left.sendto('abc', right.getsockname())).toBe(3)
      expect(yield* right.recvfrom(10)).toEqual([Buffer.from('abc'), undefined])
      yield* left.sendall('xyz')
      const buffer = Buffer.alloc(2)
      expect(yield* right.recvfromInto(buffer)).toEqual([2, undefined])
      expect(String(buffer)).toBe('xy')
      expect(left.dropped).toBe(0)
      expect(() => left.setReceiveLimits({})).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }))
      left.close()
      right.close()
    }))
})

describe('fromfd', () => {
  test('returns another socket for the same connection, which stays open until both are closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const copy = fromfd(left.fileno(), left.family, left.type)
      left.close()
      yield* copy.sendall('x')
      expect(String(yield* right.recv(1))).toBe('x')
      expect(copy.getsockname()).toEqual(right.getpeername())
      const number = copy.fileno()
      copy.close()
      expect((yield* right.recv(1)).length).toBe(0)
      expect(() => fromfd(number)).toThrow(expect.objectContaining({ code: 'EBADF', errno: 9 }))
      expect(() => fromfd('x' as never)).toThrow(TypeError)
      right.close()
    }))
})

describe('the number of a socket', () => {
  test('is its own even if it shares its connection, and identifies the connection until it is closed', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const number = left.fileno()
      const copies = [left.dup(), fromfd(number), left.dup()]
      const numbers = copies.map((copy) => copy.fileno())
      expect(new Set([number, ...numbers]).size).toBe(4)
      left.close()
      expect(() => fromfd(number)).toThrow(expect.objectContaining({ code: 'EBADF' }))
      expect(copies.map((copy) => copy.fileno())).toEqual(numbers)
      using taken = socket({ fileno: copies[0]!.detach() })
      expect(taken.fileno()).toBe(numbers[0])
      copies[1]!.close()
      copies[2]!.close()
      yield* right.sendall('x')
      expect(String(yield* taken.recv(1))).toBe('x')
      right.close()
    }))

  test('that two sockets were given is freed once: their connection stays open for copies of it', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const copy = left.dup()
      const same = socket({ fileno: left.fileno() })
      same.close()
      left.close()
      yield* right.sendall('x')
      expect(String(yield* copy.recv(1))).toBe('x')
      copy.close()
      expect((yield* right.recv(1)).length).toBe(0)
      right.close()
    }))
})

test('a socket created from a number fails with EBADF once the description is closed', () =>
  run(function* () {
    const [left, right] = yield* tcpPair()
    const other = socket({ fileno: left.fileno() })
    left.close()
    expect(yield* failure(other.recv(1))).toMatchObject({ code: 'EBADF', errno: 9 })
    expect(yield* failure(other.sendall('x'))).toMatchObject({ code: 'EBADF', errno: 9 })
    expect(() => other.getsockname()).toThrow(expect.objectContaining({ code: 'EBADF', errno: 9 }))
    other.close()
    right.close()
  }))

describe('data to send', () => {
  test('may be any kind of bytes, or a string sent as UTF-8', () =>
    run(function* () {
      const [left, right] = yield* tcpPair()
      const bytes = new Uint8Array([1, 2, 3, 4])
      for (const data of [bytes, bytes.buffer, new DataView(bytes.buffer), Buffer.from(bytes)]) {
        yield* left.sendall(data)
        expect([...(yield* right.recvExact(4))]).toEqual([1, 2, 3, 4])
      }
      yield* left.sendall(bytes.subarray(1, 3))
      expect([...(yield* right.recvExact(2))]).toEqual([2, 3])
      yield* left.sendall('h\u00e9')
      expect([...(yield* right.recvExact(3))]).toEqual([0x68, 0xc3, 0xa9])
      for (const data of [undefined, null, 5, {}, [1]]) {
        expect(() => left.sendall(data as never)).toThrow(TypeError)
        expect(() => left.send(data as never)).toThrow(TypeError)
      }
      left.close()
      right.close()
    }))
})

test('closing a duplicate wakes only who accepts or receives through it', () =>
  run(function* () {
    const server = yield* createServer(['127.0.0.1', 0])
    const twin = server.dup()
    const through = [spawn(() => failure(server.accept())), spawn(() => failure(server.accept()))]
    const other = spawn(() => twin.accept())
    yield* sleep(0)
    server.close()
    for (const waiter of through) expect(yield* waiter).toMatchObject({ code: 'EBADF' })
    using client = yield* createConnection(twin.getsockname())
    const [accepted, peer] = yield* other
    expect(peer).toEqual(client.getsockname())
    accepted.close()
    twin.close()

    const receiver = socket(AF_INET, SOCK_DGRAM)
    yield* receiver.bind(['127.0.0.1', 0])
    using copy = receiver.dup()
    const receiving = spawn(() => failure(receiver.recv(1)))
    yield* sleep(0)
    receiver.close()
    expect(yield* receiving).toMatchObject({ code: 'EBADF' })
    yield* copy.sendto('x', copy.getsockname())
    expect(String(yield* copy.recv(1))).toBe('x')
  }))
