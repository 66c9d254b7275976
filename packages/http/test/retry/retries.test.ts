import { attempt, spawn } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { AddressForbidden } from '../../src/errors/address-forbidden.ts'
import { ChunkedEncodingError } from '../../src/errors/chunked-encoding-error.ts'
import { ConnectTimeout } from '../../src/errors/connect-timeout.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { ContentDecodingError } from '../../src/errors/content-decoding-error.ts'
import { InvalidProxyURL } from '../../src/errors/invalid-proxy-url.ts'
import { InvalidURL } from '../../src/errors/invalid-url.ts'
import { ReadTimeout } from '../../src/errors/read-timeout.ts'
import { RetryError } from '../../src/errors/retry-error.ts'
import { SSLError } from '../../src/errors/ssl-error.ts'
import { type Retries, Retry, type RetryOptions, retriesOf } from '../../src/retry/retry.ts'
import { retryAfter } from '../../src/retry/retry-after.ts'
import { HTTPAdapter } from '../../src/session/http-adapter.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { closedPort, startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

const AT_ONCE = { backoffFactor: 0 }

onEachEngine('a request with retries', (makeEngine) => {
  let statuses: number[] = []
  let headers: Record<string, string> = {}
  const site = useClosing(() => {
    statuses = []
    headers = {}
    return startSite({
      '/flaky': (_request, response, body) => {
        response.writeHead(statuses.shift() ?? 200, headers)
        response.end(`done ${body.toString()}`)
      },
    })
  })
  const session = useSession(makeEngine)
  const go = (options?: RequestOptions, method = 'GET') =>
    session.current.request(method, `${site.current.url}/flaky`, options)

  test('that succeeds is like any other', async () => {
    statuses = [503, 500]
    const response = await go({ retries: { total: 2, ...AT_ONCE }, timeout: 10_000 })
    expect([response.statusCode, site.current.seen.length, site.current.connections()]).toEqual([200, 3, 1])
    expect(response.history).toHaveLength(0)
    expect(site.current.connections()).toBe(1)
  })

  test('closes the connections of responses that are too long to be drained', async () => {
    statuses = [503, 503]
    const data = Buffer.alloc(1_000_000, 'x')
    expect((await go({ retries: { total: 2, allowedMethods: ['POST'], ...AT_ONCE }, data }, 'POST')).ok).toBe(true)
    session.current.close()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('that never succeeds is a RetryError with the last response', async () => {
    statuses = [500, 500, 500, 500]
    const result = await attempt(go({ retries: { total: 2, ...AT_ONCE } }))
    const { error } = result as unknown as { error: RetryError }
    expect(error).toBeInstanceOf(RetryError)
    expect(error.response!.statusCode).toBe(500)
    expect((error.response as { text?: string }).text).toBe('done ')
    expect(site.current.seen).toHaveLength(3)
  })

  test('of an adapter is retried too', async () => {
    statuses = [500, 500, 500]
    session.current.mount(
      'http://',
      new HTTPAdapter({
        engine: makeEngine(),
        maxRetries: new Retry({ total: 2, statusForcelist: [500], ...AT_ONCE }),
      }),
    )
    expect(((await attempt(go())) as { error?: Error }).error).toBeInstanceOf(RetryError)
    expect(site.current.seen).toHaveLength(3)
    for (const retries of [0, false] as const) {
      statuses = [500]
      expect((await go({ retries })).statusCode).toBe(500)
    }
    session.current.close()
  })

  test('with raiseOnStatus false returns the last response', async () => {
    statuses = [503, 503]
    const response = await go({ retries: { total: 1, raiseOnStatus: false, ...AT_ONCE } })
    expect([response.statusCode, response.text]).toEqual([503, 'done '])
  })

  test('is retried only on the statuses and methods asked for', async () => {
    statuses = [500]
    expect((await go({ retries: { total: 2, statusForcelist: [503], ...AT_ONCE } })).statusCode).toBe(500)
    statuses = [503]
    expect((await go({ retries: { total: 2, ...AT_ONCE } }, 'POST')).statusCode).toBe(503)
    statuses = [503]
    const response = await go({ retries: { total: 2, allowedMethods: 'any', ...AT_ONCE }, data: 'again' }, 'POST')
    expect(response.text).toBe('done again')
    expect((await go()).statusCode).toBe(200)
  })

  test('waits as the server asks, but no longer than allowed', async () => {
    statuses = [429]
    headers = { 'Retry-After': '3600' }
    const started = performance.now()
    expect((await go({ retries: { total: 1, retryAfterMax: 60 } })).statusCode).toBe(200)
    const waited = performance.now() - started
    expect(waited).toBeGreaterThanOrEqual(55)
    expect(waited).toBeLessThan(5000)
  })

  test('is retried if the server sends Retry-After, and then is a response', async () => {
    headers = { 'Retry-After': '0' }
    for (const status of [413, 429, 503]) {
      statuses = [status, status]
      const retries = { total: 2, statusForcelist: [], ...AT_ONCE }
      expect((await go({ retries })).statusCode).toBe(200)
      statuses = [status, status]
      expect((await go({ retries: { ...retries, total: 1 } })).statusCode).toBe(status)
      statuses = [status]
      expect((await go({ retries: { ...retries, respectRetryAfterHeader: false } })).statusCode).toBe(status)
      statuses = [status]
      expect((await go({ retries }, 'POST')).statusCode).toBe(status)
    }
    statuses = [418]
    expect((await go({ retries: 1 })).statusCode).toBe(418)
    headers = {}
    statuses = [413]
    expect((await go({ retries: 1 })).statusCode).toBe(413)
  })

  test('does not wait beyond its deadline', async () => {
    statuses = [503]
    headers = { 'Retry-After': '60' }
    const started = performance.now()
    const result = await attempt(go({ retries: 3, timeout: 2000 }))
    expect((result as { error: Error }).error).toBeInstanceOf(RetryError)
    expect((result as { error: Error }).error.message).toMatch(/: 1 in all$/)
    const url = `http://127.0.0.1:${await closedPort()}/`
    const refused = await attempt(session.current.get(url, { retries: { backoffFactor: 60_000 }, timeout: 2000 }))
    expect((refused as { error: Error }).error).toBeInstanceOf(ConnectionError)
    expect(performance.now() - started).toBeLessThan(1500)
    expect(site.current.seen).toHaveLength(1)
  })

  test('is retried after the connection failed', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`
    const result = await attempt(session.current.post(url, { retries: { total: 2, ...AT_ONCE } }))
    expect((result as { error: Error }).error).toBeInstanceOf(ConnectionError)
    let connections = 0
    const server = await startRawServer(async (connection, index) => {
      connections += 1
      await connection.request()
      connection.end(index < 2 ? '' : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
    expect((await session.current.get(server.url, { retries: { total: 2, ...AT_ONCE } })).ok).toBe(true)
    expect(connections).toBe(3)
    await server.close()
  })

  describe('whose body breaks off', () => {
    const WHOLE = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole'
    /** A server that breaks off, or never ends, the bodies of its first responses. */
    const startFlaky = async (wrong: number, status = '200 OK', then: 'end' | 'stall' = 'end') => {
      let requests = 0
      const server = await startRawServer(async (connection) => {
        for (;;) {
          await connection.request()
          requests += 1
          if (requests > wrong) connection.write(WHOLE)
          else connection.write(`HTTP/1.1 ${status}\r\nLocation: /next\r\nContent-Length: 5\r\n\r\nwh`)
          if (requests <= wrong && then === 'end') connection.end('')
        }
      })
      return { ...server, requests: () => requests }
    }
    const retries = { total: 2, ...AT_ONCE }

    test('is retried, as are its late ones', async () => {
      for (const then of ['end', 'stall'] as const) {
        const server = await startFlaky(2, '200 OK', then)
        const response = await session.current.get(server.url, { retries, timeout: { read: 200 } })
        expect([response.text, server.requests()]).toEqual(['whole', 3])
        await expect.poll(() => server.open()).toBe(1)
        session.current.close()
        await server.close()
      }
    })

    test('fails with its error in the end', async () => {
      const server = await startFlaky(9)
      const result = await attempt(session.current.get(server.url, { retries }))
      const { error } = result as unknown as { error: ChunkedEncodingError }
      expect(error).toBeInstanceOf(ChunkedEncodingError)
      expect([error.response?.statusCode, server.requests()]).toEqual([200, 3])
      await server.close()
    })

    test('is not retried if it is not idempotent, a stream, or has no such retries left', async () => {
      const server = await startFlaky(9)
      const tries: [string, RequestOptions][] = [
        ['POST', { retries }],
        ['GET', { retries: { ...retries, read: 0 } }],
        ['GET', { retries: 0 }],
      ]
      for (const [index, [method, options]] of tries.entries()) {
        const result = await attempt(session.current.request(method, server.url, options))
        expect((result as { error: Error }).error).toBeInstanceOf(ChunkedEncodingError)
        expect(server.requests()).toBe(index + 1)
      }
      const stream = await session.current.get(server.url, { retries, stream: true })
      expect(await attempt(stream.read())).toMatchObject({ ok: false })
      expect(server.requests()).toBe(4)
      await server.close()
    })

    test('is followed without a retry if it is a redirect', async () => {
      const server = await startFlaky(1, '302 Found')
      const response = await session.current.get(server.url, { retries })
      expect([response.text, response.history.length, server.requests()]).toEqual(['whole', 1, 2])
      await server.close()
    })

    test('leaves no connection behind if it is killed meanwhile', async () => {
      const server = await startFlaky(9, '200 OK', 'stall')
      const reading = spawn(() => session.current.get(server.url, { retries }))
      await expect.poll(() => server.requests()).toBe(1)
      await reading.kill()
      await expect.poll(() => server.open()).toBe(0)
      expect(server.requests()).toBe(1)
      await server.close()
    })
  })

  test('resends a body that can be rewound, and fails with one that cannot', async () => {
    statuses = [503]
    const again = {
      *[Symbol.iterator]() {
        yield 'all'
      },
    }
    expect((await go({ retries: { total: 1, ...AT_ONCE }, data: again }, 'PUT')).text).toBe('done all')
    statuses = [503]
    const once = again[Symbol.iterator]()
    const result = await attempt(go({ retries: { total: 1, ...AT_ONCE }, data: once }, 'PUT'))
    expect((result as { error: Error }).error.name).toBe('UnrewindableBodyError')
  })

  test('never waits for an invalid time, however many retries there were', () => {
    const retries = new Retry({ total: Infinity, backoffFactor: 0 }).begin()
    const long = new Retry({ total: Infinity, backoffFactor: 1, backoffMax: 500, backoffJitter: 0 })
    for (let done = 0; done < 1100; done += 1) retries.afterStatus()
    expect([retries.wait(undefined), long.backoff(1100)]).toEqual([0, 500])
  })

  test.each([
    -1,
    1.5,
    'two',
    true,
    { total: -1 },
    { backoffJitter: 2 },
    { allowedMethods: 'GET' },
    { statusForcelist: 503 },
    { statusForcelist: {} },
  ])('is rejected with %j', (retries) => {
    const message = typeof retries === 'object' ? /Expected/ : /Expected `retries` to be a .*number.*, got/
    expect(() => go({ retries: retries as never })).toThrow(message)
  })

  test('are a plan created from options, or from the total first', () => {
    expect(new Retry(3)).toMatchObject({ total: 3, connect: 3, backoffFactor: 100 })
    expect(new Retry(3, { read: 1, backoffFactor: 0 })).toMatchObject({ total: 3, read: 1, backoffFactor: 0 })
    expect(new Retry(3, { allowedMethods: undefined }).allowedMethods).toBeUndefined()
    expect(() => new Retry(-1)).toThrow('Expected `total` to be a whole number from 0 up, got -1')
    const message = 'Expected the options of Retry to be an object, as { total: 3 }, got'
    for (const wrong of ['3', null, [3]]) expect(() => new Retry(wrong as never)).toThrow(message)
    expect(() => new Retry(3, 'x' as never)).toThrow(message)
  })

  test.each([
    [{ statusForcelist: ['418'] }, 'Expected `statusForcelist` to hold numbers, got "418"'],
    [{ allowedMethods: [7] }, 'Expected `allowedMethods` to hold strings, got 7'],
    [{ respectRetryAfterHeader: 1 }, 'Expected `respectRetryAfterHeader` to be true or false, got 1'],
    [{ raiseOnStatus: 'no' }, 'Expected `raiseOnStatus` to be true or false, got "no"'],
  ])('refuses %j', (options, message) => {
    expect(() => new Retry(options as never)).toThrow(message)
    expect(retriesOf(null)).toBeUndefined()
  })

  test('are ten by default, for idempotent methods and transient errors', () => {
    expect(new Retry()).toMatchObject({ total: 10, connect: 10, read: 10, status: 10, raiseOnStatus: true })
    expect(new Retry()).toMatchObject({ backoffFactor: 100, backoffMax: 120_000, backoffJitter: 0.5 })
    expect(new Retry()).toMatchObject({ respectRetryAfterHeader: true, retryAfterMax: 120_000 })
    expect([...new Retry().statusForcelist]).toEqual([408, 429, 500, 502, 503, 504])
    expect([...new Retry().allowedMethods!].sort()).toEqual(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'TRACE'])
    expect(new Retry({ backoffJitter: 1, total: 3, read: 1 })).toMatchObject({ backoffJitter: 1, connect: 3, read: 1 })
  })
})

describe('the retries of a request', () => {
  const refused = new ConnectionError('refused', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })
  const broken = new ConnectionError('broken', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) })
  const cutOff = new ChunkedEncodingError('cut off')
  /** How many retries there are after the same error again and again, of at most nine. */
  const times = (again: (retries: Retries) => boolean, options: RetryOptions): number => {
    const retries = new Retry({ total: 9, ...options }).begin()
    while (retries.done < 20 && again(retries));
    return retries.done
  }

  test('are counted by kind of failure, and in total', () => {
    const options = { connect: 1, read: 2, status: 3 }
    expect(times((retries) => retries.afterError(refused, 'GET'), options)).toBe(1)
    expect(times((retries) => retries.afterError(broken, 'GET'), options)).toBe(2)
    expect(times((retries) => retries.afterError(cutOff, 'GET'), options)).toBe(2)
    expect(times((retries) => retries.afterStatus(), options)).toBe(3)
    expect(times((retries) => retries.afterError(broken, 'GET'), {})).toBe(9)
    const both = new Retry({ total: 2 }).begin()
    const granted = [both.afterError(refused, 'GET'), both.afterStatus(), both.afterError(broken, 'GET')]
    expect(granted).toEqual([true, true, false])
  })

  test('are for any method if nothing was sent, and otherwise for idempotent ones', () => {
    const codes = ['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']
    const unreached = codes.map((code) => new ConnectionError(code, { cause: Object.assign(new Error(), { code }) }))
    const during = (syscall: string, code: string) =>
      new ConnectionError(code, { cause: Object.assign(new Error(), { syscall, code }) })
    for (const error of [refused, ...unreached, during('connect', 'ETIMEDOUT'), new ConnectTimeout('late')]) {
      expect(times((retries) => retries.afterError(error, 'POST'), {})).toBe(9)
    }
    for (const error of [broken, cutOff, during('read', 'EHOSTUNREACH'), new ReadTimeout('silent')]) {
      expect(times((retries) => retries.afterError(error, 'POST'), {})).toBe(0)
      expect(times((retries) => retries.afterError(error, 'POST'), { allowedMethods: ['post'] })).toBe(9)
      expect(times((retries) => retries.afterError(error, 'POST'), { allowedMethods: undefined })).toBe(9)
    }
  })

  test.each([
    new SSLError('no trust'),
    new AddressForbidden('inside'),
    new InvalidProxyURL('no proxy'),
    new ContentDecodingError('damaged'),
    new InvalidURL('no URL'),
    new Error('another'),
  ])('are none for permanent failures: %s', (error) => {
    expect(times((retries) => retries.afterError(error, 'GET'), { allowedMethods: 'any' })).toBe(0)
  })
})

describe('the wait before a retry', () => {
  const waits = (options: RetryOptions, times: number) => {
    const retries = new Retry({ total: times, ...options }).begin()
    return Array.from({ length: times }, () => {
      expect(retries.afterStatus()).toBe(true)
      return retries.wait(undefined)
    })
  }

  test('doubles up to its maximum', () => {
    expect(waits({ backoffFactor: 100, backoffMax: 500, backoffJitter: 0 }, 5)).toEqual([100, 200, 400, 500, 500])
  })

  test('is partly random', () => {
    for (const wait of waits({ backoffFactor: 100, backoffMax: 100, backoffJitter: 0.5 }, 50)) {
      expect(wait).toBeGreaterThanOrEqual(50)
      expect(wait).toBeLessThanOrEqual(100)
    }
  })

  test('is that of the header, in seconds or as a date', () => {
    const now = Date.UTC(2026, 0, 1)
    expect(retryAfter('120', now)).toBe(120_000)
    expect(retryAfter(' 1.25 ', now)).toBe(1250)
    expect(['1.', '.5', '-1', '1 s', '0x1', '', '1e3'].map((text) => retryAfter(text, now))).toEqual(
      Array(7).fill(undefined),
    )
    expect(retryAfter('Thu, 01 Jan 2026 00:00:05 GMT', now)).toBe(5000)
    expect(retryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now)).toBe(0)
    expect(retryAfter('soon', now)).toBeUndefined()
    const doubling = new Retry({ backoffFactor: 50, backoffJitter: 0, total: 1 }).begin()
    expect([doubling.afterStatus(), doubling.wait('2'), doubling.wait('soon')]).toEqual([true, 2000, 50])
    expect(new Retry({ respectRetryAfterHeader: false, backoffFactor: 0 }).begin().wait('120')).toBe(0)
  })
})
