import { attempt, Event, isControlError, sleep, spawn, Timeout, withTimeout } from '@greenlit/core'
import { describe, expect, test } from 'vitest'
import { get } from '../../src/api.ts'
import { HTTPDigestAuth } from '../../src/auth/digest.ts'
import { ConnectTimeout } from '../../src/errors/connect-timeout.ts'
import { ConnectionError } from '../../src/errors/connection-error.ts'
import { HTTPError } from '../../src/errors/http-error.ts'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { InvalidURL } from '../../src/errors/invalid-url.ts'
import { MissingSchema } from '../../src/errors/missing-schema.ts'
import { ReadTimeout } from '../../src/errors/read-timeout.ts'
import type { RequestException } from '../../src/errors/request-exception.ts'
import { RequestTimeout } from '../../src/errors/request-timeout.ts'
import { ResponseTooSlow } from '../../src/errors/response-too-slow.ts'
import { Retry } from '../../src/retry/retry.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { loopTurns } from '../support/loop-turns.ts'
import { closedPort, startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('a request that fails', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const failure = async (url: string, options?: RequestOptions) => {
    const result = await attempt(session.current.get(url, options))
    expect(result.ok).toBe(false)
    return (result as unknown as { error: RequestException }).error
  }

  test('on a refused port names the host and keeps the cause', async () => {
    const port = await closedPort()
    const error = await failure(`http://127.0.0.1:${port}/`)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error.message).toContain(`127.0.0.1:${port}`)
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
    expect(error.request!.method).toBe('GET')
  })

  test('on an unknown host name keeps the resolver’s error as the cause', async () => {
    const error = await failure('http://no-such-host.invalid/')
    expect(error).toBeInstanceOf(ConnectionError)
    expect((error.cause as NodeJS.ErrnoException).code).toMatch(/ENOTFOUND|EAI_AGAIN/)
  })

  test('on a name whose lookup fails synchronously has made no connection', async () => {
    const unknown = Object.assign(new Error('nobody knows it'), { code: 'ENOTFOUND' })
    const error = await failure('http://site.test/', { lookup: (_name, _options, found) => found(unknown, '') })
    expect(error.message).toBe('No connection to site.test: nobody knows it')
  })

  test('on a name whose addresses all refuse names each of them', async () => {
    const addresses = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    const port = await closedPort()
    const error = await failure(`http://site.test:${port}/`, {
      lookup: (_name, _options, done) => done(null, addresses),
    })
    const refusals = addresses.map(({ address }) => `connect ECONNREFUSED ${address}:${port}`)
    expect(error.message).toBe(`No connection to site.test:${port}: ${refusals.join(', ')}`)
  })

  test('because the server closes the connection says so', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.end()
    })
    expect(await failure(server.url)).toBeInstanceOf(ConnectionError)
    expect(server.connections()).toBe(1)
    await server.close()
  })

  test.each([
    ['no url', MissingSchema],
    ['ftp://example.org/', InvalidSchema],
    ['http://', InvalidURL],
    ['http://*example.com/', InvalidURL],
  ])('because of its URL, %s, fails when it is awaited', async (url, ErrorClass) => {
    expect(await failure(url)).toBeInstanceOf(ErrorClass)
  })

  test.each([[[1, 2, 3]], ['foo'], [-1], [0], [Number.NaN], [{ read: 'foo' }], [['foo', 1]]])(
    'because of its timeout, %j, fails at the call',
    (timeout) => {
      expect(() => session.current.get(site.current.url, { timeout: timeout as never })).toThrow(/timeout|connect|read/)
      expect(site.current.seen).toHaveLength(0)
    },
  )

  test.each([
    [null],
    [undefined],
    [[null, 5000]],
    [[5000, null]],
    [{ total: 5000 }],
    [5000],
    [Number.POSITIVE_INFINITY],
  ])('does not because of the timeout %j', async (timeout) => {
    expect((await session.current.get(`${site.current.url}/echo`, { timeout: timeout as never })).ok).toBe(true)
  })

  test('by a timeout says whether the read or the total limit expired', async () => {
    const silent = await failure(`${site.current.url}/never`, { timeout: [60_000, 50] })
    expect(silent).toBeInstanceOf(ReadTimeout)
    expect(silent).toBeInstanceOf(RequestTimeout)
    expect(isControlError(silent)).toBe(false)
    expect(await failure(`${site.current.url}/never`, { timeout: 500 })).toBeInstanceOf(ReadTimeout)
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('by a connect timeout can be retried', async () => {
    // A slow lookup makes a slow connection.
    let found = () => {}
    const lookup = (_host: string, _options: object, done: (error: null, address: string, family: number) => void) => {
      found = () => done(null, '127.0.0.1', 4)
    }
    const url = `http://localhost:${site.current.port}/echo`
    const error = await failure(url, { timeout: { connect: 50 }, lookup: lookup as never })
    expect(error).toBeInstanceOf(ConnectTimeout)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(error).toBeInstanceOf(RequestTimeout)
    found()
    await loopTurns()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('because its body trickles ends at the total limit, not the read limit', async () => {
    const started = performance.now()
    const error = await failure(`${site.current.url}/trickle`, { timeout: { read: 300, total: 700 } })
    expect(error).toBeInstanceOf(ReadTimeout)
    expect(performance.now() - started).toBeGreaterThan(600)
    expect(performance.now() - started).toBeLessThan(5000)
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('because the body of a redirect uses up the total limit does not send the next request', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 9\r\n\r\nElse')
      await connection.request()
    })
    expect(await failure(server.url, { timeout: 100 })).toBeInstanceOf(ConnectTimeout)
    await expect.poll(() => server.open()).toBe(0)
    expect(server.connections()).toBe(1)
    await server.close()
  })

  test('because its head trickles ends at the total limit', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\n')
      for (let index = 0; !connection.socket.destroyed; index += 1) {
        connection.write(`X-${index}: slow\r\n`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    })
    expect(await failure(server.url, { timeout: 150 })).toBeInstanceOf(ReadTimeout)
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('because its body is below the minimum rate says so', async () => {
    const error = await failure(`${site.current.url}/trickle`, { minRate: { bytes: 1000, per: 100 } })
    expect(error).toBeInstanceOf(ResponseTooSlow)
    await expect.poll(() => site.current.open()).toBe(0)
    expect(
      (await session.current.get(`${site.current.url}/bytes/100`, { minRate: { bytes: 1000, per: 1000 } })).ok,
    ).toBe(true)
    expect(() => session.current.get(site.current.url, { minRate: -1 })).toThrow(/minRate/)
  })

  test('because its body becomes slow says so, and a steady body does not fail', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`)
      while (!connection.socket.destroyed) {
        connection.write('x')
        await sleep(20)
      }
    })
    const fast = await failure(server.url, { minRate: { bytes: 1000, per: 200 }, timeout: 5000 })
    expect(fast).toBeInstanceOf(ResponseTooSlow)
    const steady = await failure(server.url, { minRate: { bytes: 1, per: 200 }, timeout: 1100 })
    expect(steady.name).toBe('ReadTimeout')
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
  })

  test('by its status throws only in raiseForStatus', async () => {
    const response = await session.current.get(`${site.current.url}/status/404`)
    expect(response.ok).toBe(false)
    expect(() => response.raiseForStatus()).toThrow(HTTPError)
    expect(() => response.raiseForStatus()).toThrow(
      `404 Client Error: Not Found for url: ${site.current.url}/status/404`,
    )
    const broken = await session.current.get(`${site.current.url}/status/500`)
    expect(() => broken.raiseForStatus()).toThrow(/500 Server Error/)
  })

  test('does not show the password in its URL', async () => {
    const port = await closedPort()
    const error = await failure(`http://me:secret@127.0.0.1:${port}/`)
    expect(`${error.message} ${error.request!.url}`).not.toContain('secret')
  })
})

onEachEngine('a greenlet that is stopped during its request', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)

  test.each(['/never', '/trickle'])('by a kill closes the connection, at %s', async (path) => {
    const greenlet = spawn(() => session.current.get(site.current.url + path))
    await expect.poll(() => site.current.seen.length).toBe(1)
    await greenlet.kill()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('by a timeout closes the connection, and only the timeout is thrown', async () => {
    const result = await withTimeout(50, () => session.current.get(`${site.current.url}/never`), {
      timeoutValue: 'late',
    })
    expect(result).toBe('late')
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('by a kill while it connects closes the connection too', async () => {
    const asked = new Event()
    let found = () => {}
    const lookup = (_host: string, _options: object, done: (error: null, address: string, family: number) => void) => {
      asked.set()
      found = () => done(null, '127.0.0.1', 4)
    }
    const url = `http://localhost:${site.current.port}/echo`
    const greenlet = spawn(() => session.current.get(url, { lookup: lookup as never }))
    await asked.wait()
    await greenlet.kill()
    found()
    await loopTurns()
    await expect.poll(() => site.current.open()).toBe(0)
    expect(site.current.seen).toHaveLength(0)
  })

  test('by a kill in a hook closes the connection without waiting for the rest of a small body', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nthe ')
    })
    const reached = new Event()
    const hooks = {
      *response() {
        reached.set()
        yield* sleep(60_000)
      },
    }
    const greenlet = spawn(() => session.current.get(server.url, { hooks, stream: true }))
    await reached.wait()
    await greenlet.kill()
    // Less than the second that is allowed for the rest of a body that is not wanted.
    await expect.poll(() => server.open(), { timeout: 700 }).toBe(0)
    await server.close()
  })

  test.each<[string, string, RequestOptions]>([
    ['followed', '302 Found\r\nLocation: /next', {}],
    [
      'answered',
      '401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n"',
      { auth: new HTTPDigestAuth('me', 'secret') },
    ],
    ['retried', '503 Service Unavailable', { retries: new Retry({ total: 1, backoffFactor: 0 }) }],
  ])(
    'by an error of one’s own while it reads the rest of what is %s throws that error',
    async (_what, head, options) => {
      let requests = 0
      const server = await startRawServer(async (connection) => {
        for (;;) {
          await connection.request()
          requests += 1
          connection.write(
            requests > 1
              ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
              : `HTTP/1.1 ${head}\r\nContent-Length: 9\r\n\r\nthe `,
          )
        }
      })
      const exception = new RangeError('enough')
      const result = await attempt(withTimeout(50, () => session.current.get(server.url, options), { exception }))
      expect(result).toEqual({ ok: false, error: exception })
      expect(requests).toBe(1)
      await expect.poll(() => server.open(), { timeout: 700 }).toBe(0)
      await server.close()
    },
  )

  test('by a kill, along with a thousand others, closes all connections', async () => {
    const greenlets = Array.from({ length: 200 }, () => spawn(() => session.current.get(`${site.current.url}/never`)))
    await expect.poll(() => site.current.seen.length, { timeout: 10_000 }).toBe(200)
    for (const greenlet of greenlets) greenlet.kill()
    await expect.poll(() => site.current.open(), { timeout: 10_000 }).toBe(0)
  })

  test('by a kill while it reads a stream closes the connection', async () => {
    const reading = new Event()
    const greenlet = spawn(function* () {
      const response = yield* session.current.get(`${site.current.url}/trickle`, { stream: true })
      const iterator = response.iterContent(1000)
      reading.set()
      yield* iterator.next()
    })
    await reading.wait()
    await loopTurns()
    await greenlet.kill()
    await expect.poll(() => site.current.open()).toBe(0)
  })
})

onEachEngine('connections', (makeEngine) => {
  const session = useSession(makeEngine)

  test('that the server has closed in the meantime are replaced silently', async () => {
    const server = await startRawServer(async (connection, index) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      if (index === 0) {
        await connection.request()
        connection.socket.destroy()
      }
    })
    expect((await session.current.get(server.url)).text).toBe('ok')
    expect((await session.current.get(server.url)).text).toBe('ok')
    expect(server.connections()).toBe(2)
    session.current.close()
    await server.close()
  })

  test('that the server closes during a POST are an error, as it may have been processed', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      await connection.request()
      connection.socket.destroy()
    })
    await session.current.get(server.url)
    const result = await attempt(session.current.post(server.url))
    expect((result as { error: Error }).error).toBeInstanceOf(ConnectionError)
    await server.close()
  })

  test('serve one request after another', async () => {
    const site = await startSite()
    for (let index = 0; index < 5; index += 1) await session.current.get(`${site.url}/echo`)
    expect(site.connections()).toBe(1)
    session.current.close()
    await expect.poll(() => site.open()).toBe(0)
    await site.close()
  })

  test('in use survive the closing of their session, which remains usable', async () => {
    const site = await startSite({
      '/later': (_request, response) => void setTimeout(() => response.end('done'), 50),
    })
    const greenlet = spawn(() => session.current.get(`${site.url}/later`))
    await expect.poll(() => site.seen.length).toBe(1)
    session.current.close()
    expect((await greenlet).text).toBe('done')
    await expect.poll(() => site.open()).toBe(0)
    expect((await session.current.get(`${site.url}/echo`)).ok).toBe(true)
    session.current.close()
    await site.close()
  })
})

describe('a Timeout of a caller', () => {
  test('passes through a request unchanged', async () => {
    const site = await startSite()
    const outer = new Timeout(30)
    const result = await spawn(function* () {
      try {
        yield* withTimeout(outer, () => get(`${site.url}/never`))
        return undefined
      } catch (error) {
        return error
      }
    })
    expect(result).toBe(outer)
    await site.close()
  })
})
