import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  createConnection,
  createServer,
  FileNotFoundError,
  gaierror,
  hasDualstackIPv6,
  hasDualstackIpv6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOL_SOCKET,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { guardLeaks } from '../guard.ts'
import { failure, hasIPv6, run } from '../pair.ts'

guardLeaks()

test('both spellings of dualstack_ipv6 are accepted', () =>
  run(function* () {
    expect(yield* hasDualstackIpv6()).toBe(yield* hasDualstackIPv6())
    using server = yield* createServer(['::', 0], { family: AF_INET6, dualstackIpv6: true })
    const [, port] = server.getsockname()
    using four = yield* createConnection(['127.0.0.1', port])
    const [accepted, address] = yield* server.accept()
    expect(address.slice(0, 2)).toEqual([`::ffff:127.0.0.1`, four.getsockname()[1]])
    accepted.close()
    const late = () => server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
    expect(late, 'once it is bound').toThrow(expect.objectContaining({ code: 'EINVAL' }))
    expect(() => createServer(['127.0.0.1', 0], { dualstackIpv6: true })).toThrow('AF_INET6')
    expect(() => createServer(['127.0.0.1', 0], { backlog: NaN })).toThrow('Expected `backlog` to be a whole number')
  }))

test('failures mention the address', () =>
  run(function* () {
    const host = hasIPv6 ? '::1' : '127.0.0.1'
    const family = hasIPv6 ? AF_INET6 : AF_INET
    using server = yield* createServer([host, 0], { family })
    const [, port] = server.getsockname()
    const taken = yield* failure(createServer([host, port], { family }))
    const message = `[Errno 98] Address already in use: ${hasIPv6 ? '[::1]' : host}:${port}`
    expect(taken).toMatchObject({ code: 'EADDRINUSE', message })
    const lost = yield* failure(createServer('/no/such/folder/a.sock', { family: AF_UNIX }))
    expect(lost).toBeInstanceOf(FileNotFoundError)
    expect(lost.message).toContain(': /no/such/folder/a.sock')
    const unknown = yield* failure(createServer(['no-such.invalid', 0]))
    expect(unknown).toBeInstanceOf(gaierror)
    // Without a network: temporary failure in name resolution.
    expect(unknown.message).toMatch(/^\[Errno (?:-2\] Name or service not known|-3\] Temporary failure)/)
  }))

test('the socket reports SO_REUSEADDR', () =>
  run(function* () {
    using server = yield* createServer(['127.0.0.1', 0])
    expect(server.getsockopt(SOL_SOCKET, SO_REUSEADDR)).toBe(1)
  }))
