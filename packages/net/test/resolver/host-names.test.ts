import { hostname } from 'node:os'
import {
  gaierror,
  getfqdn,
  gethostbyaddr,
  gethostbynameEx,
  gethostname,
  getservbyname,
  getservbyport,
  OSError,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { failure, run } from '../pair.ts'

test('this host has a name', () =>
  run(function* () {
    expect(gethostname()).toBe(hostname())
    expect((yield* getfqdn()).length).toBeGreaterThan(0)
    expect(yield* getfqdn('no-such-host.invalid')).toBe('no-such-host.invalid')
  }))

test('a host is told with all of its addresses', () =>
  run(function* () {
    expect(yield* gethostbynameEx('127.0.0.1')).toEqual(['127.0.0.1', [], ['127.0.0.1']])
    const [name, aliases, addresses] = yield* gethostbynameEx('localhost')
    expect([name, aliases]).toEqual(['localhost', []])
    expect(addresses).toContain('127.0.0.1')
    expect(yield* failure(gethostbynameEx('no-such-host.invalid'))).toBeInstanceOf(gaierror)
  }))

test('an address has the names that it is found by, or none', () =>
  run(function* () {
    const [name, , addresses] = yield* gethostbyaddr('127.0.0.1')
    expect(name.length).toBeGreaterThan(0)
    expect(addresses).toEqual(['127.0.0.1'])
    expect(yield* failure(gethostbyaddr('no-such-host.invalid'))).toBeInstanceOf(gaierror)
  }))

test('well-known services have ports, and ports names', () => {
  expect([getservbyname('https'), getservbyport(22)]).toEqual([443, 'ssh'])
  expect(() => getservbyname('no-such-service')).toThrow(OSError)
  expect(() => getservbyport(1)).toThrow('port/proto not found')
  expect([getservbyname('domain', 'udp'), getservbyport(80, 'tcp')]).toEqual([53, 'http'])
  expect(() => getservbyname('http', 'other')).toThrow(OSError)
  expect(() => getservbyport(65_536)).toThrow(RangeError)
})
