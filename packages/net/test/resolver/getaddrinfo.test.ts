import type { Coroutine } from '@greenlit/core'
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ALL,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
  createConnection,
  gaierror,
  getaddrinfo,
  gethostbyname,
  getnameinfo,
  IPPROTO_TCP,
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
  OSError,
  type ResolvedAddress,
  SOCK_DGRAM,
  SOCK_STREAM,
  setResolver,
  socket,
} from '@greenlit/net'
import { describe, expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, run } from '../pair.ts'

guardLeaks()

describe('getaddrinfo', () => {
  test('returns numeric hosts as they are', () =>
    run(function* () {
      expect(yield* getaddrinfo('127.0.0.1', 80, AF_UNSPEC, SOCK_STREAM)).toEqual([
        [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['127.0.0.1', 80]],
      ])
      expect(yield* getaddrinfo('::1', 80, { type: SOCK_DGRAM })).toEqual([
        [AF_INET6, SOCK_DGRAM, 17, '', ['::1', 80, 0, 0]],
      ])
      for (const both of [getaddrinfo('127.0.0.1', 80), getaddrinfo('127.0.0.1', 80, {})])
        expect((yield* both).map(([, type]) => type)).toEqual([SOCK_STREAM, SOCK_DGRAM])
      const mapped = yield* getaddrinfo('127.0.0.1', 80, { family: AF_INET6, type: SOCK_STREAM, flags: AI_V4MAPPED })
      expect(mapped.map(([, , , , address]) => address)).toEqual([['::ffff:127.0.0.1', 80, 0, 0]])
      for (const [host, family] of [
        ['::1', AF_INET6],
        ['::1', AF_UNSPEC],
        ['127.0.0.1', AF_UNSPEC],
        ['127.0.0.1', AF_INET],
      ] as const) {
        const [own] = yield* getaddrinfo(host, 80, { family, type: SOCK_STREAM, flags: AI_V4MAPPED })
        expect(own![4][0]).toBe(host)
      }
      expect(yield* failure(getaddrinfo('127.0.0.1', 80, AF_INET6))).toMatchObject({ errno: -9 })
    }))

  test.each([
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::00FF', '2001:db8::ff'],
    ['127.1', '127.0.0.1'],
    ['0x7f.1', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
  ])('returns the numeric host %s in the form %s', (host, address) =>
    run(function* () {
      const [found] = yield* getaddrinfo(host, 80, { type: SOCK_STREAM, flags: AI_NUMERICHOST })
      expect(found![4][0]).toBe(address)
      expect(yield* getnameinfo([host, 80], NI_NUMERICHOST | NI_NUMERICSERV)).toEqual([address, '80'])
    }),
  )

  test('knows services by name and by number', () =>
    run(function* () {
      for (const [service, port] of [
        ['http', 80],
        ['443', 443],
        // As C parses a number.
        ['', 0],
        [' 80', 80],
        ['\t +080', 80],
        ['0000000443', 443],
        ['65535', 65_535],
        [65_535, 65_535],
        [0, 0],
        [undefined, 0],
        [8080, 8080],
      ] as const) {
        const [first] = yield* getaddrinfo('127.0.0.1', service, { type: SOCK_STREAM })
        expect(first![4]).toEqual(['127.0.0.1', port])
      }
      for (const none of ['no-such-service', '80 ', ' ', '-1', '0x50', '\u00a080'])
        expect(yield* failure(getaddrinfo('127.0.0.1', none))).toMatchObject({ errno: -8 })
      expect(yield* failure(getaddrinfo('127.0.0.1', 'http', { flags: AI_NUMERICSERV }))).toMatchObject({ errno: -2 })
    }))

  test('returns this host, or all interfaces, without a host', () =>
    run(function* () {
      const local = yield* getaddrinfo(undefined, 80, AF_UNSPEC, SOCK_STREAM)
      expect(local.map((each) => each[4][0])).toEqual(['::1', '127.0.0.1'])
      const any = yield* getaddrinfo(undefined, 80, AF_UNSPEC, SOCK_STREAM, 0, AI_PASSIVE)
      expect(any.map((each) => each[4][0])).toEqual(['0.0.0.0', '::'])
      for (const [family, host] of [
        [AF_INET, '127.0.0.1'],
        [AF_INET6, '::1'],
      ] as const) {
        const found = yield* getaddrinfo(undefined, 0, family, SOCK_STREAM)
        expect(found.map(([own, , , , address]) => [own, address[0]])).toEqual([[family, host]])
      }
      const none = null as unknown as undefined
      expect(yield* getaddrinfo(none, 80, none, SOCK_STREAM)).toEqual(local)
      expect((yield* getaddrinfo('127.0.0.1', none))[0]![4]).toEqual(['127.0.0.1', 0])
      expect(yield* failure(getaddrinfo(undefined, undefined))).toMatchObject({ errno: -2 })
    }))

  test("fails with the same errors as the system's", () =>
    run(function* () {
      const unknown = yield* failure<gaierror>(getaddrinfo('no-such.invalid', 80))
      expect(unknown).toBeInstanceOf(gaierror)
      expect(unknown).toBeInstanceOf(OSError)
      expect([-2, -3]).toContain(unknown.errno)
      expect(yield* failure(getaddrinfo('::1', 80, AF_INET))).toMatchObject({ errno: -9 })
      expect(yield* failure(getaddrinfo('localhost', 80, { flags: AI_NUMERICHOST }))).toMatchObject({ errno: -2 })
      expect(yield* failure(getaddrinfo('', 80))).toMatchObject({ errno: -2 })
      expect(yield* failure(getaddrinfo('localhost', 80, 99))).toMatchObject({ errno: -6 })
      expect(yield* failure(getaddrinfo('localhost', 80, { type: 99 }))).toMatchObject({ errno: -7 })
      expect(yield* failure(getaddrinfo('localhost', 80, { flags: 0x1000 }))).toMatchObject({ errno: -1 })
      expect(yield* failure(getaddrinfo('localhost', '65536'))).toMatchObject({ errno: -8 })
    }))

  test('asks the resolver for the addresses of one family, or of both', () =>
    run(function* () {
      const asked: number[] = []
      const before = setResolver({
        *resolve(_host, family): Coroutine<ResolvedAddress[]> {
          asked.push(family)
          return [{ address: '192.0.2.1', family: 4 }]
        },
      })
      try {
        for (const family of [AF_INET, AF_INET6, AF_UNSPEC]) yield* getaddrinfo('host.test', 80, family)
        expect(yield* failure(getaddrinfo('', 80))).toMatchObject({ errno: -2 })
      } finally {
        setResolver(before)
      }
      expect(asked).toEqual([4, 6, 0])
    }))

  test('maps the IPv4 addresses of a name to IPv6 with AI_V4MAPPED', () =>
    run(function* () {
      const before = setResolver({
        *resolve(host, family): Coroutine<ResolvedAddress[]> {
          if (family === 4 && host !== 'six.test') return [{ address: '192.0.2.1', family: 4 }]
          if (family === 6 && host !== 'four.test') return [{ address: '2001:db8::1', family: 6 }]
          return []
        },
      })
      function* hosts(host: string, flags: number) {
        const found = yield* getaddrinfo(host, 80, AF_INET6, SOCK_STREAM, 0, flags)
        return found.map(([, , , , [address]]) => address)
      }
      try {
        expect(yield* hosts('four.test', AI_V4MAPPED)).toEqual(['::ffff:192.0.2.1'])
        expect(yield* hosts('both.test', AI_V4MAPPED)).toEqual(['2001:db8::1'])
        expect(yield* hosts('both.test', AI_V4MAPPED | AI_ALL)).toEqual(['2001:db8::1', '::ffff:192.0.2.1'])
        expect(yield* hosts('six.test', AI_V4MAPPED | AI_ALL)).toEqual(['2001:db8::1'])
        expect(yield* failure(getaddrinfo('four.test', 80, AF_INET6))).toMatchObject({ errno: -2 })
      } finally {
        setResolver(before)
      }
    }))

  test('refuses invalid hosts and ports', () =>
    run(function* () {
      expect(() => getaddrinfo(5 as never, 80)).toThrow(TypeError)
      expect(yield* failure(getaddrinfo('x', 65_536))).toBeInstanceOf(RangeError)
      expect(yield* failure(getaddrinfo('x', -1))).toBeInstanceOf(RangeError)
      expect(yield* failure(getaddrinfo('x', 1.5))).toBeInstanceOf(TypeError)
      expect(yield* failure(getaddrinfo('x', {} as never))).toBeInstanceOf(TypeError)
    }))

  test('respects the type and protocol passed by position, also without a family', () =>
    run(function* () {
      const types = (found: readonly (readonly unknown[])[]) => found.map(([, type]) => type)
      expect(types(yield* getaddrinfo('127.0.0.1', 80, undefined, SOCK_DGRAM))).toEqual([SOCK_DGRAM])
      expect(types(yield* getaddrinfo('127.0.0.1', 80, undefined, 0, IPPROTO_TCP))).toEqual([SOCK_STREAM])
      expect(yield* failure(getaddrinfo('localhost', 80, undefined, 0, 0, AI_NUMERICHOST))).toBeInstanceOf(gaierror)
    }))

  test('refuses a family, type, protocol and flags that are not whole numbers', () => {
    for (const name of ['family', 'type', 'proto', 'flags']) {
      for (const value of [NaN, 0.5, 'AI_PASSIVE']) {
        expect(() => getaddrinfo('127.0.0.1', 80, { [name]: value })).toThrow(
          `getaddrinfo(): expected \`${name}\` to be a whole number, got `,
        )
      }
    }
  })
})

describe('getnameinfo', () => {
  test('leaves numbers as they are if asked to', () =>
    run(function* () {
      expect(yield* getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST | NI_NUMERICSERV)).toEqual(['127.0.0.1', '80'])
      expect((yield* getnameinfo(['127.0.0.1', 80], NI_NUMERICSERV))[1]).toBe('80')
      expect((yield* getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST))[0]).toBe('127.0.0.1')
      expect(() => getnameinfo(['127.0.0.1', 70_000])).toThrow(RangeError)
      expect(() => getnameinfo('x' as never)).toThrow(/getnameinfo/)
      expect(() => getnameinfo(['127.0.0.1', 80], NaN)).toThrow(/getnameinfo.* `flags` to be a whole number/)
    }))

  test('accepts addresses only, of two parts for IPv4, and finds services without the host', () =>
    run(function* () {
      expect(yield* failure(getnameinfo(['localhost', 80]))).toMatchObject({ errno: -2 })
      for (const extra of [[0], [0, 0]] as [number][])
        expect(yield* failure(getnameinfo(['127.0.0.1', 80, ...extra]))).toMatchObject({ code: 'EINVAL' })
      expect(yield* getnameinfo(['::1', 80, 0, 0], NI_NUMERICHOST)).toEqual(['::1', 'http'])
      expect(yield* getnameinfo(['192.0.2.1', 80], NI_NUMERICHOST)).toEqual(['192.0.2.1', 'http'])
      expect(yield* getnameinfo(['192.0.2.1', 4], NI_NUMERICHOST)).toEqual(['192.0.2.1', '4'])
      for (const [port, service] of [
        [69, 'tftp'],
        [80, 'http'],
        [4, '4'],
      ] as const) {
        expect(yield* getnameinfo(['192.0.2.1', port], NI_NUMERICHOST | NI_DGRAM)).toEqual(['192.0.2.1', service])
      }
      expect(() => getnameinfo(['::1', 80, 0x100000])).toThrow('flow information')
    }))

  test('fails without a name if one is required', () =>
    run(function* () {
      expect(yield* failure(getnameinfo(['192.0.2.1', 80], NI_NAMEREQD))).toBeInstanceOf(gaierror)
      for (const numeric of [NI_NUMERICHOST, NI_NUMERICHOST | NI_NUMERICSERV])
        expect(yield* failure(getnameinfo(['127.0.0.1', 80], NI_NAMEREQD | numeric))).toMatchObject({ errno: -2 })
      expect(yield* failure(getnameinfo(['127.0.0.1', 80], 0x100))).toMatchObject({ code: 'EAI_BADFLAGS', errno: -1 })
    }))
})

describe('gethostbyname', () => {
  test('returns one IPv4 address', () =>
    run(function* () {
      expect(yield* gethostbyname('localhost')).toBe('127.0.0.1')
      expect(yield* gethostbyname('10.1.2.3')).toBe('10.1.2.3')
      expect(yield* gethostbyname('')).toBe('0.0.0.0')
      expect(yield* gethostbyname('<broadcast>')).toBe('255.255.255.255')
      expect(yield* failure(gethostbyname('::1'))).toMatchObject({ errno: -9 })
      expect(yield* failure(gethostbyname('no-such.invalid'))).toBeInstanceOf(gaierror)
    }))
})

test('a host with a null character is refused everywhere', () =>
  run(function* () {
    expect(yield* failure(getaddrinfo('127.0.0.1\0.example', 80))).toBeInstanceOf(TypeError)
    expect(yield* failure(gethostbyname('127.0.0.1\0.example'))).toBeInstanceOf(TypeError)
    expect(yield* failure(createConnection(['127.0.0.1\0.example', 80]))).toBeInstanceOf(TypeError)
    using client = socket()
    expect(yield* failure(client.connect(['127.0.0.1\0.example', 80]))).toBeInstanceOf(TypeError)
  }))
