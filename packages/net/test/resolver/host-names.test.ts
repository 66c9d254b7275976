import { hostname } from 'node:os'
import {
  attempt,
  type Coroutine,
  Event,
  GreenletExit,
  type Operation,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '@greenlit/core'
import {
  AF_INET6,
  AI_V4MAPPED,
  gaierror,
  getaddrinfo,
  getfqdn,
  gethostbyaddr,
  gethostbyname,
  gethostbynameEx,
  gethostname,
  getnameinfo,
  getprotobyname,
  getservbyname,
  getservbyport,
  herror,
  NI_NUMERICHOST,
  OSError,
  type ResolvedAddress,
  setResolver,
  TimeoutError,
  type TimeoutOptions,
} from '@greenlit/net'
import { expect, test } from 'vitest'
import { failure, run } from '../pair.ts'

test('this host has a name', () =>
  run(function* () {
    expect(gethostname()).toBe(hostname())
    expect((yield* getfqdn()).length).toBeGreaterThan(0)
    for (const own of ['', ' ', '0.0.0.0', '::']) expect(yield* getfqdn(own)).toBe(yield* getfqdn())
    expect(yield* getfqdn('no-such-host.invalid')).toBe('no-such-host.invalid')
    expect(yield* getfqdn(' no-such-host.invalid ')).toBe('no-such-host.invalid')
  }))

test('a host is returned with all its addresses', () =>
  run(function* () {
    expect(yield* gethostbynameEx('127.0.0.1')).toEqual(['127.0.0.1', [], ['127.0.0.1']])
    const [name, aliases, addresses] = yield* gethostbynameEx('localhost')
    expect([name, aliases]).toEqual(['localhost', []])
    expect(addresses).toContain('127.0.0.1')
    expect(yield* failure(gethostbynameEx('no-such-host.invalid'))).toBeInstanceOf(gaierror)
  }))

test('an address has the names that it can be found by, or none', () =>
  run(function* () {
    const [name, aliases, addresses] = yield* gethostbyaddr('127.0.0.1')
    expect(name).toBe((yield* getnameinfo(['127.0.0.1', 0]))[0])
    expect(aliases).not.toContain(name)
    expect(addresses).toEqual(['127.0.0.1'])
    expect(name).not.toBe('127.0.0.1')
    const sixth = yield* attempt(gethostbyaddr('::1'))
    if (sixth.ok) expect(sixth.value[2]).toEqual(['::1'])
    else expect(sixth.error).toBeInstanceOf(herror)
    expect(yield* failure(gethostbyaddr('no-such-host.invalid'))).toBeInstanceOf(gaierror)
    const unknown = yield* failure(gethostbyaddr('192.0.2.1'))
    expect(unknown).toBeInstanceOf(herror)
    // Without a network there is no server to ask.
    expect(unknown.message).toMatch(/^\[Errno [12]\] (Unknown host|Host name lookup failure)$/)
  }))

test('an invalid host is refused immediately', () => {
  for (const call of [gethostbyaddr, gethostbynameEx, gethostbyname]) {
    expect(() => call(undefined as unknown as string)).toThrow('expected `host` to be a string, got undefined')
    expect(() => call(25 as unknown as string)).toThrow(TypeError)
  }
  expect(() => getfqdn(25 as unknown as string)).toThrow(TypeError)
})

test('an error that is thrown into a greenlet during a look-up is not taken for a failed look-up', () =>
  run(function* () {
    const previous = setResolver({ resolve: () => new Event().wait() as never })
    try {
      const stop = new RangeError('stop')
      for (const lookUp of [
        (): Operation<unknown> => getfqdn('x'),
        () => getaddrinfo('x', 80, { family: AF_INET6, flags: AI_V4MAPPED }),
      ]) {
        const looking = spawn(() => failure(lookUp()))
        yield* sleep(0)
        yield* looking.kill(stop, { timeout: 1_000 })
        expect(looking.value).toBe(stop)
      }
      expect(yield* failure(getfqdn('x', { timeout: new Timeout(0, stop) }))).toBe(stop)
    } finally {
      setResolver(previous)
    }
  }))

test('every look-up takes a timeout, which cancels it', () =>
  run(function* () {
    let pending = 0
    const previous = setResolver({
      *resolve(): Coroutine<ResolvedAddress[]> {
        pending += 1
        try {
          yield* new Event().wait()
        } finally {
          pending -= 1
        }
        return []
      },
    })
    const lookups: ((options: TimeoutOptions) => Operation<unknown>)[] = [
      (options) => getaddrinfo('slow.test', 80, options),
      (options) => gethostbyname('slow.test', options),
      (options) => gethostbynameEx('slow.test', options),
      (options) => gethostbyaddr('slow.test', options),
    ]
    try {
      for (const lookup of lookups) {
        for (const timeout of [0, 1, new Timeout(1)]) {
          expect(yield* failure(lookup({ timeout }))).toEqual(new TimeoutError('timed out'))
        }
        expect(() => lookup({ timeout: -1 })).toThrow(
          'Expected `timeout` to be a number of milliseconds from 0 up, got -1',
        )
        expect(() => lookup({ timeout: '1' as never })).toThrow(TypeError)
      }
      expect(pending).toBe(0)
      const outer = withTimeout(1, () => getaddrinfo('slow.test', 80, { timeout: 10_000 }), { timeoutValue: 'outer' })
      expect(yield* outer).toBe('outer')
      expect(yield* gethostbyname('127.0.0.1', { timeout: 0 })).toBe('127.0.0.1')
    } finally {
      setResolver(previous)
    }
    expect(yield* getnameinfo(['127.0.0.1', 80], NI_NUMERICHOST, { timeout: 10_000 })).toEqual(['127.0.0.1', 'http'])
    expect(yield* getfqdn('localhost', { timeout: 10_000 })).toBe('localhost')
  }))

test('the look-up of the names of an address can be killed', () =>
  run(function* () {
    const killed = spawn(() => gethostbyaddr('127.0.0.1'))
    yield* sleep(0)
    yield* killed.kill()
    expect(killed.value).toBeInstanceOf(GreenletExit)
  }))

test('getprotobyname knows the usual protocols, in small and capital letters', () => {
  expect(['icmp', 'udp', 'tcp', 'TCP', 'IPv6-ICMP'].map(getprotobyname)).toEqual([1, 17, 6, 6, 58])
  expect(() => getprotobyname('constructor')).toThrow(OSError)
  expect(() => getprotobyname(6 as never)).toThrow('expected `protocol` to be a string, got 6')
})

test('well-known services have ports, and their ports have names', () => {
  expect([getservbyname('https'), getservbyport(22)]).toEqual([443, 'ssh'])
  expect(() => getservbyname('no-such-service')).toThrow(OSError)
  expect(() => getservbyname(80 as never)).toThrow(/expected `service` to be a string, got 80/)
  expect(() => getservbyport(1)).toThrow('port/proto not found')
  expect([getservbyname('domain', 'udp'), getservbyport(80, 'tcp')]).toEqual([53, 'http'])
  expect(() => getservbyname('http', 'other')).toThrow(OSError)
  expect(() => getservbyport(65_536)).toThrow(RangeError)
})
