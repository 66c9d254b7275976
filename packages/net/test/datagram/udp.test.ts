import { Socket as UdpSocket } from 'node:dgram'
import {
  ConcurrentObjectUseError,
  type Coroutine,
  Event,
  type Operation,
  sleep,
  spawn,
  withTimeout,
} from '@greenlit/core'
import {
  type Address,
  AF_INET,
  AF_INET6,
  errno,
  IP_ADD_MEMBERSHIP,
  IP_DROP_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_UDP,
  inetAton,
  MSG_DONTWAIT,
  MSG_PEEK,
  type ResolvedAddress,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  SO_BROADCAST,
  SO_ERROR,
  SO_PROTOCOL,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOCK_DGRAM,
  SOL_SOCKET,
  SOL_TCP,
  type Socket,
  select,
  setResolver,
  socket,
  TCP_NODELAY,
  TimeoutError,
} from '@greenlit/net'
import { describe, expect, test, vi } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, hasIPv6, run } from '../pair.ts'

const BYTES = Buffer.from('Michael Gilfix was here\u1234\r\n')

guardLeaks()

function* bound(host = '127.0.0.1', family: number = AF_INET) {
  const made = socket(family, SOCK_DGRAM)
  yield* made.bind([host, 0])
  return made
}

function closeAll(...sockets: readonly Socket[]): void {
  for (const each of sockets) each.close()
}

describe('a UDP socket', () => {
  test('sends datagrams to an address, with and without flags, and reports their sender', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      expect(yield* client.sendto(BYTES, server.getsockname())).toBe(BYTES.length)
      expect(yield* server.recv(1024)).toEqual(BYTES)
      expect(yield* client.sendto(BYTES, 0, server.getsockname())).toBe(BYTES.length)
      expect(yield* server.recvfrom(1024)).toEqual([BYTES, client.getsockname()])
      closeAll(client, server)
    }))

  test('receives into a buffer', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      const buffer = Buffer.alloc(8)
      yield* client.sendto('abcdefghijk', server.getsockname())
      expect(yield* server.recvInto(buffer)).toBe(8)
      expect(String(buffer)).toBe('abcdefgh')
      yield* client.sendto('xyz', server.getsockname())
      expect(yield* server.recvfromInto(buffer, 2)).toEqual([2, client.getsockname()])
      expect(String(buffer)).toBe('xycdefgh')
      closeAll(client, server)
    }))

  test('carries an empty datagram with its address', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      expect(yield* client.sendto('', server.getsockname())).toBe(0)
      const [data, from] = yield* server.recvfrom(10)
      expect(data.length).toBe(0)
      expect(from).toEqual(client.getsockname())
      closeAll(client, server)
    }))

  test('truncates a datagram to the buffer size, and keeps datagrams separate and in order', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      for (const word of ['abcdef', 'second', 'third']) yield* client.sendto(word, server.getsockname())
      expect(String(yield* server.recv(3))).toBe('abc')
      expect(String(yield* server.recv(100))).toBe('second')
      expect((yield* server.recvfrom(0))[0].length).toBe(0)
      server.settimeout(0)
      expect(yield* failure(server.recv(1))).toMatchObject({ code: 'EAGAIN', name: 'BlockingIOError' })
      closeAll(client, server)
    }))

  test('leaves a datagram in place with MSG_PEEK, and does not block with MSG_DONTWAIT', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      yield* client.sendto('abc', server.getsockname())
      expect(String(yield* server.recv(2, MSG_PEEK))).toBe('ab')
      expect(String(yield* server.recv(10, MSG_DONTWAIT))).toBe('abc')
      expect(yield* failure(server.recv(10, MSG_DONTWAIT))).toMatchObject({ errno: 11 })
      closeAll(client, server)
    }))

  test('can be shut down while it is connected: sending gives EPIPE, receiving the end', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      yield* client.connect(server.getsockname())
      const reader = spawn(function* () {
        return [yield* client.recvfrom(10), String(yield* client.recv(10))]
      })
      yield* sleep(0)
      client.shutdown(SHUT_RD)
      expect(yield* reader.get()).toEqual([[Buffer.alloc(0), undefined], ''])
      expect(yield* client.send('x')).toBe(1)
      expect(yield* failure(client.recv(10, MSG_DONTWAIT))).toMatchObject({ code: 'EAGAIN' })
      yield* server.sendto('late', client.getsockname())
      expect(String(yield* client.recv(10, MSG_DONTWAIT))).toBe('late')
      client.shutdown(SHUT_WR)
      expect(yield* failure(client.send('x'))).toMatchObject({ name: 'BrokenPipeError', code: 'EPIPE', errno: 32 })
      expect(yield* failure(client.sendto('x', server.getsockname()))).toMatchObject({ code: 'EPIPE' })
      expect(client.getpeername()).toEqual(server.getsockname())
      client.shutdown(SHUT_RDWR)
      expect(() => client.shutdown(3)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
      closeAll(client, server)
    }))

  test('reports the loopback address as its peer when connected to the wildcard address', () =>
    run(function* () {
      const server = yield* bound()
      const [, port] = server.getsockname() as [string, number]
      const client = socket(AF_INET, SOCK_DGRAM)
      yield* client.connect(['', port])
      expect(client.getpeername()).toEqual(['127.0.0.1', port])
      yield* client.send('x')
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(client, server)
    }))

  test('rejects what cannot be sent', () =>
    run(function* () {
      const server = yield* bound()
      const client = socket(AF_INET, SOCK_DGRAM)
      const address = server.getsockname()
      expect(yield* failure(client.send('x'))).toMatchObject({ code: 'EDESTADDRREQ', errno: 89 })
      expect(yield* failure(client.sendto('x', ['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL', errno: 22 })
      expect(() => socket(AF_INET, SOCK_DGRAM).shutdown(SHUT_RD)).toThrow(
        expect.objectContaining({ code: 'ENOTCONN', errno: 107 }),
      )
      expect(yield* failure(client.sendto(Buffer.alloc(65_508), address))).toMatchObject({
        code: 'EMSGSIZE',
        errno: 90,
      })
      expect(yield* client.sendto(Buffer.alloc(65_507), address)).toBe(65_507)
      expect((yield* server.recv(100_000)).length).toBe(65_507)
      expect(() => client.makefile('rb')).toThrow(expect.objectContaining({ code: 'EOPNOTSUPP' }))
      expect(() => client.sendto(1 as never, address)).toThrow(TypeError)
      expect(() => client.sendto('x', null as never)).toThrow(TypeError)
      expect(() => (client.sendto as (data: string) => unknown).call(client, 'x')).toThrow(TypeError)
      expect(() => client.sendto('x', ['127.0.0.1', 65_536])).toThrow(RangeError)
      expect(() => client.sendto('x', ['127.0.0.1'] as never)).toThrow(TypeError)
      expect(() => client.sendto('x', '127.0.0.1' as never)).toThrow(TypeError)
      expect(() => server.recvfrom(-1)).toThrow('negative buffersize in recvfrom')
      expect(() => server.recv(-1)).toThrow(RangeError)
      expect(yield* failure(client.sendto('x', ['::1', 9]))).toMatchObject({ code: 'EAI_ADDRFAMILY', errno: -9 })
      closeAll(client, server)
    }))

  test('does not support stream operations', () =>
    run(function* () {
      const server = yield* bound()
      for (const operation of [server.listen(), server.accept(), server.recvExact(1)]) {
        expect(yield* failure(operation)).toMatchObject({ code: 'EOPNOTSUPP', errno: 95 })
      }
      closeAll(server)
    }))

  test('sends to its connected peer and receives from no other', () =>
    run(function* () {
      const [peer, stranger, client] = [yield* bound(), yield* bound(), yield* bound()]
      yield* client.connect(peer.getsockname())
      expect(client.getpeername()).toEqual(peer.getsockname())
      expect(yield* client.send('hello')).toBe(5)
      expect(yield* client.sendall('again')).toBe(undefined)
      expect(yield* client.sendto('and again', peer.getsockname())).toBe(9)
      expect(String(yield* peer.recv(100))).toBe('hello')
      expect(String(yield* peer.recv(100))).toBe('again')
      expect(yield* peer.recvfrom(100)).toEqual([Buffer.from('and again'), client.getsockname()])
      yield* stranger.sendto('spam', client.getsockname())
      yield* peer.sendto('answer', client.getsockname())
      expect(String(yield* client.recv(100))).toBe('answer')
      // It can be connected to another peer.
      yield* client.connect(stranger.getsockname())
      yield* client.send('you now')
      expect(String(yield* stranger.recv(100))).toBe('you now')
      closeAll(peer, stranger, client)
    }))

  test('keeps its port, its options and what has arrived when it is connected to another peer', () =>
    run(function* () {
      const [first, second] = [yield* bound(), yield* bound()]
      for (const client of [socket(AF_INET, SOCK_DGRAM), yield* bound()]) {
        client.setsockopt(SOL_SOCKET, SO_RCVBUF, 40_000)
        yield* client.connect(first.getsockname())
        const address = client.getsockname()
        const size = client.getsockopt(SOL_SOCKET, SO_RCVBUF)
        yield* first.sendto('early', address)
        yield* client.connect(second.getsockname())
        expect(client.getsockname()).toEqual(address)
        expect(client.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBe(size)
        expect(yield* client.recvfrom(10)).toEqual([Buffer.from('early'), first.getsockname()])
        yield* client.send('x')
        expect(yield* second.recvfrom(10)).toEqual([Buffer.from('x'), address])
        yield* second.sendto('y', address)
        expect(String(yield* client.recv(10))).toBe('y')
        // A failed call leaves the connection as it was. Without SO_BROADCAST, or a network, the kernel refuses this address.
        expect(yield* failure(client.connect(['255.255.255.255', 9]))).toMatchObject({
          code: expect.stringMatching(/^(?:EACCES|ENETUNREACH)$/),
        })
        expect(client.getpeername()).toEqual(second.getsockname())
        yield* client.send('still')
        expect(yield* second.recvfrom(10)).toEqual([Buffer.from('still'), address])
        closeAll(client)
      }
      closeAll(first, second)
    }))

  test('can send elsewhere while it is connected', () =>
    run(function* () {
      const [peer, other] = [yield* bound(), yield* bound()]
      for (const client of [socket(AF_INET, SOCK_DGRAM), yield* bound()]) {
        yield* client.connect(peer.getsockname())
        const address = client.getsockname()
        expect(yield* client.sendto('x', other.getsockname())).toBe(1)
        expect(yield* other.recvfrom(10)).toEqual([Buffer.from('x'), address])
        expect(client.getpeername()).toEqual(peer.getsockname())
        yield* client.send('y')
        expect(yield* peer.recvfrom(10)).toEqual([Buffer.from('y'), address])
        yield* other.sendto('spam', address)
        yield* peer.sendto('answer', address)
        expect(String(yield* client.recv(10))).toBe('answer')
        closeAll(client)
      }
      closeAll(peer, other)
    }))

  test('shutdown of an unconnected socket fails, but wakes its receiver', () =>
    run(function* () {
      const server = yield* bound()
      const reader = spawn(() => server.recvfrom(10))
      yield* sleep(0)
      expect(() => server.shutdown(SHUT_RDWR)).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      expect(yield* reader.get()).toEqual([Buffer.alloc(0), undefined])
      expect(yield* failure(server.sendto('x', server.getsockname()))).toMatchObject({ code: 'EPIPE' })
      closeAll(server)
    }))

  test('is connected for all greenlets as soon as connect is called', () =>
    run(function* () {
      const server = yield* bound()
      const client = socket(AF_INET, SOCK_DGRAM)
      const connecting = spawn(() => client.connect(server.getsockname()))
      const sending = spawn(() => client.sendto('x', server.getsockname()))
      const binding = spawn(() => client.bind(['127.0.0.1', 0]))
      yield* connecting
      expect(yield* sending).toBe(1)
      expect(yield* failure(binding.get())).toMatchObject({ code: 'EINVAL', errno: 22 })
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(client, server)
    }))

  test('is assigned a port by the first sendto or connect', () =>
    run(function* () {
      const server = yield* bound()
      const first = socket(AF_INET, SOCK_DGRAM)
      expect(first.getsockname()).toEqual(['0.0.0.0', 0])
      expect(() => first.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
      yield* first.sendto('x', server.getsockname())
      expect((first.getsockname() as [string, number])[1]).toBeGreaterThan(0)
      const [, from] = yield* server.recvfrom(10)
      yield* server.sendto('y', from)
      expect(String(yield* first.recv(10))).toBe('y')
      const second = socket(AF_INET, SOCK_DGRAM)
      yield* second.connect(server.getsockname())
      expect((second.getsockname() as [string, number])[0]).toBe('127.0.0.1')
      closeAll(server, first, second)
    }))

  test('reports a refused datagram once, by a later call', () =>
    run(function* () {
      const dead = yield* bound()
      const address = dead.getsockname()
      yield* dead.close()
      const refused = { code: 'ECONNREFUSED', errno: 111 }
      for (const client of [socket(AF_INET, SOCK_DGRAM), yield* bound()]) {
        yield* client.connect(address)
        expect(yield* select([client], [client], [])).toEqual([[], [client], []])
        yield* client.send('x')
        yield* select([client], [], [])
        expect(yield* failure(client.send('x'))).toMatchObject(refused)
        yield* client.send('x')
        expect(yield* failure(client.recv(10, { timeout: 2_000 }))).toMatchObject(refused)
        yield* client.send('x')
        yield* select([client], [], [])
        expect(yield* failure(client.recv(10, { timeout: 2_000 }))).toMatchObject(refused)
        closeAll(client)
      }
    }))

  test('does nothing more if it is closed during a name lookup', () =>
    run(function* () {
      const server = yield* bound()
      const [, port] = server.getsockname() as [string, number]
      const found = new Event()
      const previous = setResolver({
        *resolve() {
          yield* found.wait()
          return [{ address: '127.0.0.1', family: 4 }]
        },
      })
      const closed = socket(AF_INET, SOCK_DGRAM)
      const calls = [
        () => closed.bind(['slow.test', 0]),
        () => closed.connect(['slow.test', port]),
        () => closed.sendto('x', ['slow.test', port]),
      ].map((call) => spawn(call as () => Operation<unknown>))
      yield* sleep(0)
      closed.close()
      found.set()
      for (const call of calls) expect(yield* failure(call.get())).toMatchObject({ code: 'EBADF', errno: 9 })
      setResolver(previous)
      closeAll(server)
    }))

  test('broadcasts only with SO_BROADCAST, and stays usable after such a refusal', () =>
    run(function* () {
      const server = yield* bound('0.0.0.0')
      const [, port] = server.getsockname() as [string, number]
      const everybody: Address = ['127.255.255.255', port]
      const client = socket(AF_INET, SOCK_DGRAM)
      expect(yield* failure(client.connect(everybody))).toMatchObject({ name: 'PermissionError', errno: 13 })
      expect(yield* failure(client.sendto('x', everybody))).toMatchObject({ name: 'PermissionError' })
      yield* client.connect(['127.0.0.1', port])
      expect(yield* failure(client.connect(everybody))).toMatchObject({ name: 'PermissionError' })
      yield* client.send('still connected')
      expect(String(yield* server.recv(20))).toBe('still connected')
      const telling = socket(AF_INET, SOCK_DGRAM)
      telling.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)
      yield* telling.sendto('x', everybody)
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(server, client, telling)
    }))

  test('can be bound only once, to a free and local address', () =>
    run(function* () {
      const server = yield* bound()
      expect(yield* failure(server.bind(['127.0.0.1', 0]))).toMatchObject({ code: 'EINVAL', errno: 22 })
      const other = socket(AF_INET, SOCK_DGRAM)
      expect(yield* failure(other.bind(server.getsockname()))).toMatchObject({ code: 'EADDRINUSE', errno: 98 })
      const strange = socket(AF_INET, SOCK_DGRAM)
      expect(yield* failure(strange.bind(['192.0.2.1', 0]))).toMatchObject({ code: 'EADDRNOTAVAIL', errno: 99 })
      closeAll(server, other, strange)
    }))

  test('can be bound with another option after a failure', () =>
    run(function* () {
      const server = socket(AF_INET, SOCK_DGRAM)
      server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
      yield* server.bind(['127.0.0.1', 0])
      const other = socket(AF_INET, SOCK_DGRAM)
      expect(yield* failure(other.bind(server.getsockname()))).toMatchObject({ code: 'EADDRINUSE' })
      other.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
      yield* other.bind(server.getsockname())
      expect(other.getsockname()).toEqual(server.getsockname())
      closeAll(server, other)
    }))

  test('is bound by only one of two greenlets that resolve a name at the same time', () =>
    run(function* () {
      const server = socket(AF_INET, SOCK_DGRAM)
      const second = spawn(() => server.bind(['localhost', 0]))
      yield* server.bind(['localhost', 0])
      expect(yield* failure(second.get())).toMatchObject({ code: 'EINVAL', errno: 22 })
      closeAll(server)
    }))

  test('resolves names', () =>
    run(function* () {
      const server = yield* bound('localhost')
      const [host, port] = server.getsockname() as [string, number]
      expect(host).toBe('127.0.0.1')
      const client = socket(AF_INET, SOCK_DGRAM)
      yield* client.sendto('by name', ['localhost', port])
      expect(String(yield* server.recv(100))).toBe('by name')
      closeAll(server, client)
    }))

  test.runIf(hasIPv6)('supports IPv6', () =>
    run(function* () {
      const server = yield* bound('::1', AF_INET6)
      const client = yield* bound('::1', AF_INET6)
      yield* client.sendto('six', server.getsockname())
      const [data, from] = yield* server.recvfrom(10)
      expect(String(data)).toBe('six')
      expect(from).toEqual(client.getsockname())
      expect(from).toHaveLength(4)
      const unbound = socket(AF_INET6, SOCK_DGRAM)
      yield* unbound.sendto('any', server.getsockname())
      expect(String(yield* server.recv(10))).toBe('any')
      closeAll(server, client, unbound)
    }),
  )

  test.runIf(hasIPv6)('knows an IPv6 address in each of its forms, and reports the usual one', () =>
    run(function* () {
      const server = yield* bound('0:0::0:1', AF_INET6)
      const [host, port] = server.getsockname() as [string, number]
      expect(host).toBe('::1')
      const client = socket(AF_INET6, SOCK_DGRAM)
      yield* client.connect(['0:0:0:0:0:0:0:1', port])
      expect(client.getpeername()).toEqual(server.getsockname())
      yield* client.sendto('x', ['0::1', port])
      expect(String(yield* server.recv(10))).toBe('x')
      closeAll(server, client)
    }),
  )

  test('sets and reads options, before and after it is bound', () =>
    run(function* () {
      const early = socket(AF_INET, SOCK_DGRAM)
      early.setsockopt(SOL_SOCKET, SO_BROADCAST, 1)
      early.setsockopt(IPPROTO_IP, IP_TTL, 12)
      early.setsockopt(SOL_SOCKET, SO_RCVBUF, 32_768)
      yield* early.bind(['127.0.0.1', 0])
      expect(early.getsockopt(SOL_SOCKET, SO_BROADCAST)).toBe(1)
      expect(early.getsockopt(IPPROTO_IP, IP_TTL)).toBe(12)
      expect(early.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBeGreaterThanOrEqual(32_768)
      expect(early.getsockopt(SOL_SOCKET, SO_TYPE)).toBe(SOCK_DGRAM)
      expect(early.getsockopt(SOL_SOCKET, SO_PROTOCOL)).toBe(IPPROTO_UDP)
      early.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, 3)
      expect(() => early.setsockopt(SOL_TCP, TCP_NODELAY, 1)).toThrow(expect.objectContaining({ code: 'ENOPROTOOPT' }))
      expect(() => early.setsockopt(IPPROTO_IP, IP_TTL, 'x' as never)).toThrow()
      closeAll(early)
    }))

  test('reports the defaults of Linux, and rejects hop limits out of range', () =>
    run(function* () {
      const fresh = socket(AF_INET, SOCK_DGRAM)
      const options = [IP_TTL, IP_MULTICAST_TTL, IP_MULTICAST_LOOP]
      expect(options.map((option) => fresh.getsockopt(IPPROTO_IP, option))).toEqual([64, 1, 1])
      expect(fresh.getsockopt(SOL_SOCKET, SO_RCVBUF)).toBeGreaterThan(0)
      for (const bound of [false, true]) {
        if (bound) yield* fresh.bind(['127.0.0.1', 0])
        for (const option of [IP_TTL, IP_MULTICAST_TTL]) {
          const before = fresh.getsockopt(IPPROTO_IP, option)
          fresh.setsockopt(IPPROTO_IP, option, 7)
          fresh.setsockopt(IPPROTO_IP, option, -1)
          expect(fresh.getsockopt(IPPROTO_IP, option)).toBe(before)
          for (const hops of [300, -2]) {
            expect(() => fresh.setsockopt(IPPROTO_IP, option, hops)).toThrow(
              expect.objectContaining({ code: 'EINVAL' }),
            )
          }
        }
      }
      closeAll(fresh)
    }))

  test('takes a number for every option that is no address', () => {
    using datagrams = socket(AF_INET, SOCK_DGRAM)
    for (const value of ['1', [1], null, 1.5]) {
      expect(() => datagrams.setsockopt(SOL_SOCKET, SO_BROADCAST, value as never)).toThrow(TypeError)
    }
    expect(datagrams.getsockopt(SOL_SOCKET, SO_BROADCAST)).toBe(0)
  })

  test('takes options as packed structs', () =>
    run(function* () {
      const member = yield* bound()
      const both = Buffer.concat([inetAton('224.0.0.251'), inetAton('127.0.0.1')])
      member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, both)
      member.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, ['224.0.0.251', '127.0.0.1'])
      expect(() => member.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, both)).toThrow(
        expect.objectContaining({ code: 'EADDRNOTAVAIL' }),
      )
      member.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, inetAton('127.0.0.1'))
      member.setsockopt(IPPROTO_IP, IP_TTL, new Uint8Array(new Int32Array([9]).buffer))
      expect(member.getsockopt(IPPROTO_IP, IP_TTL)).toBe(9)
      member.setsockopt(IPPROTO_IP, IP_MULTICAST_TTL, Uint8Array.of(2))
      expect(member.getsockopt(IPPROTO_IP, IP_MULTICAST_TTL)).toBe(2)
      closeAll(member)
    }))

  test('applies options to a bound socket, and joins groups on a given interface or any', () =>
    run(function* () {
      const member = yield* bound()
      const broadcast = vi.spyOn(UdpSocket.prototype, 'setBroadcast')
      for (const on of [1, false]) member.setsockopt(SOL_SOCKET, SO_BROADCAST, on)
      expect(broadcast.mock.calls).toEqual([[true], [false]])
      broadcast.mockRestore()
      for (const option of [SO_RCVBUF, SO_SNDBUF]) {
        member.setsockopt(SOL_SOCKET, option, 16_384)
        const small = member.getsockopt(SOL_SOCKET, option)
        member.setsockopt(SOL_SOCKET, option, 65_536)
        expect(member.getsockopt(SOL_SOCKET, option)).toBe(small * 4)
      }
      const join = vi.spyOn(UdpSocket.prototype, 'addMembership').mockReturnValue()
      for (const group of ['224.0.0.251', ['224.0.0.251'], ['224.0.0.251', ''], ['224.0.0.251', '0.0.0.0']]) {
        member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, group as readonly unknown[])
        expect(join).toHaveBeenLastCalledWith('224.0.0.251')
      }
      member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ['224.0.0.251', '127.0.0.1'])
      expect(join).toHaveBeenLastCalledWith('224.0.0.251', '127.0.0.1')
      join.mockRestore()
      closeAll(member)
    }))

  test('joins a group that was set before it was bound', () =>
    run(function* () {
      const member = socket(AF_INET, SOCK_DGRAM)
      member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ['239.1.2.4', '127.0.0.1'])
      yield* member.bind(['0.0.0.0', 0])
      const join = () => member.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, ['239.1.2.4', '127.0.0.1'])
      expect(join).toThrow(expect.objectContaining({ code: 'EADDRINUSE', errno: 98 }))
      member.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, ['239.1.2.4', '127.0.0.1'])
      join()
      yield* member.sendto('joined once', ['127.0.0.1', member.getsockname()[1] as number])
      expect(String(yield* member.recv(20))).toBe('joined once')
      closeAll(member)
    }))

  test('is not bound if a recorded option cannot be applied, which is then forgotten', () =>
    run(function* () {
      const peer = yield* bound()
      for (const open of [
        (sock: Socket) => sock.bind(['127.0.0.1', 0]),
        (sock: Socket) => sock.connect(peer.getsockname()),
        (sock: Socket) => sock.sendto('x', peer.getsockname()),
      ]) {
        const sock = socket(AF_INET, SOCK_DGRAM)
        sock.setsockopt(IPPROTO_IP, IP_MULTICAST_IF, inetAton('203.0.113.1'))
        sock.setsockopt(IPPROTO_IP, IP_TTL, 7)
        expect(yield* failure(open(sock))).toMatchObject({ code: 'EADDRNOTAVAIL' })
        expect(sock.getsockname()).toEqual(['0.0.0.0', 0])
        expect(() => sock.getpeername()).toThrow(expect.objectContaining({ code: 'ENOTCONN' }))
        yield* open(sock)
        expect(sock.getsockname()[1]).not.toBe(0)
        expect(sock.getsockopt(IPPROTO_IP, IP_TTL)).toBe(7)
        closeAll(sock)
      }
      const small = socket(AF_INET, SOCK_DGRAM)
      small.setsockopt(SOL_SOCKET, SO_RCVBUF, -1)
      yield* failure(small.bind(['127.0.0.1', 0]))
      yield* small.bind(['127.0.0.1', 0])
      closeAll(peer, small)
    }))

  test('can be bound elsewhere after a failure, which is not reported again', () =>
    run(function* () {
      const first = yield* bound()
      const second = socket(AF_INET, SOCK_DGRAM)
      expect(yield* failure(second.bind(first.getsockname()))).toMatchObject({ code: 'EADDRINUSE' })
      expect(second.getsockopt(SOL_SOCKET, SO_ERROR)).toBe(0)
      yield* second.bind(['127.0.0.1', 0])
      yield* second.sendto('x', first.getsockname())
      expect(String((yield* first.recvfrom(9))[0])).toBe('x')
      closeAll(first, second)
    }))

  test('fails waiting and later calls with EBADF when it is closed', () =>
    run(function* () {
      const server = yield* bound()
      const reader = spawn(() => server.recvfrom(10))
      yield* sleep(0)
      server.close()
      expect(yield* failure(reader.get())).toMatchObject({ code: 'EBADF', errno: 9 })
      const address: Address = ['127.0.0.1', 9]
      for (const operation of [
        server.recv(1),
        server.sendto('x', address),
        server.bind(address),
        server.connect(address),
      ])
        expect(yield* failure(operation)).toMatchObject({ code: 'EBADF' })
      expect(server.fileno()).toBe(-1)
      server.close()
    }))

  test('rejects a second reader without disturbing the first', () =>
    run(function* () {
      const server = yield* bound()
      const reader = spawn(() => server.recv(10))
      yield* sleep(0)
      expect(yield* failure(server.recv(10))).toBeInstanceOf(ConcurrentObjectUseError)
      yield* server.sendto('x', server.getsockname())
      expect(String(yield* reader)).toBe('x')
      closeAll(server)
    }))
})

describe('the timeout of a UDP call', () => {
  test('is set by the socket or by the call', () =>
    run(function* () {
      const server = yield* bound()
      server.settimeout(10)
      expect(yield* failure(server.recv(10))).toMatchObject({
        name: 'TimeoutError',
        message: 'timed out',
        errno: undefined,
      })
      expect(yield* failure(server.recvfrom(10, { timeout: 5 }))).toMatchObject({ name: 'TimeoutError' })
      yield* server.sendto('x', server.getsockname())
      expect(String(yield* server.recv(10, { timeout: 2_000 }))).toBe('x')
      closeAll(server)
    }))

  test('of 0 finds what has already arrived, and loses none of it to a kill', () =>
    run(function* () {
      const receiver = yield* bound()
      receiver.setblocking(false)
      using sender = socket(AF_INET, SOCK_DGRAM)
      for (const call of [
        () => receiver.recv(9, MSG_PEEK),
        () => receiver.recv(9),
        () => receiver.recv(9, MSG_DONTWAIT),
      ]) {
        yield* sender.sendto('x', receiver.getsockname())
        expect(String(yield* call())).toBe('x')
      }
      expect(String(yield* receiver.recv(9))).toBe('x')
      expect(yield* failure(receiver.recv(9))).toMatchObject({ code: 'EAGAIN' })
      const killed = spawn(() => receiver.recv(9))
      yield* sleep(0)
      yield* killed.kill()
      yield* sender.sendto('y', receiver.getsockname())
      expect(String(yield* receiver.recv(9))).toBe('y')
      closeAll(receiver)
    }))

  test('covers the look-up of a name', () =>
    run(function* () {
      const previous = setResolver({
        *resolve(): Coroutine<ResolvedAddress[]> {
          yield* new Event().wait()
          return []
        },
      })
      const sender = socket(AF_INET, SOCK_DGRAM)
      try {
        for (const call of [
          () => sender.sendto('x', ['slow.test', 9], { timeout: 1 }),
          () => sender.connect(['slow.test', 9], { timeout: 1 }),
        ]) {
          expect(yield* failure(call())).toEqual(new TimeoutError('timed out'))
        }
        sender.settimeout(1)
        expect(yield* failure(sender.sendto('x', ['slow.test', 9]))).toBeInstanceOf(TimeoutError)
        expect(yield* sender.connectEx(['slow.test', 9])).toBe(errno.EAGAIN)
      } finally {
        setResolver(previous)
        closeAll(sender)
      }
    }))

  test('loses no datagram to a kill or a Timeout', () =>
    run(function* () {
      const server = yield* bound()
      yield* withTimeout(5, () => server.recv(10), { timeoutValue: undefined })
      const killed = spawn(() => server.recv(10))
      yield* sleep(0)
      yield* killed.kill()
      // Killed just as its datagram is being delivered.
      const late = spawn(() => server.recv(10))
      yield* sleep(0)
      yield* server.sendto('x', server.getsockname())
      const watcher = spawn(() => select([server], [], []))
      yield* watcher.join({ timeout: 50 })
      late.kill()
      yield* late.join()
      const word = late.successful() && late.value instanceof Buffer ? late.value : yield* server.recv(10)
      expect(String(word)).toBe('x')
      yield* watcher.kill()
      closeAll(server)
    }))
})

describe('an unread datagram', () => {
  test('is kept up to a limit, then dropped and counted', () =>
    run(function* () {
      const server = yield* bound()
      const client = yield* bound()
      expect(server.dropped).toBe(0)
      server.setReceiveLimits({ datagrams: 3 })
      for (let index = 0; index < 5; index += 1) yield* client.sendto(`${index}`, server.getsockname())
      while (server.dropped < 2) yield* sleep(1)
      for (let index = 0; index < 3; index += 1) expect(String(yield* server.recv(10))).toBe(`${index}`)
      server.setReceiveLimits({ bytes: 10 })
      for (const word of ['12345', '67890', 'x']) yield* client.sendto(word, server.getsockname())
      while (server.dropped < 3) yield* sleep(1)
      expect(String(yield* server.recv(10))).toBe('12345')
      expect(String(yield* server.recv(10))).toBe('67890')
      expect(() => server.setReceiveLimits({ datagrams: 0 })).toThrow(RangeError)
      closeAll(server, client)
    }))
})
