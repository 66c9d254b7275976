import { attempt, Event } from '@greenlit/core'
import { expect, test } from 'vitest'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { TooManyRedirects } from '../../src/errors/too-many-redirects.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('redirects', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const go = (path: string, options = {}) => session.current.get(site.current.url + path, options)

  test('are followed, with the intermediate responses in order', async () => {
    const response = await go('/redirect/3')
    expect(response.statusCode).toBe(200)
    expect(response.url).toBe(`${site.current.url}/echo`)
    expect(response.history.map((one) => new URL(one.url).pathname)).toEqual([
      '/redirect/3',
      '/redirect/2',
      '/redirect/1',
    ])
    expect(response.history[2]!.history).toHaveLength(2)
    expect(response.history[0]!.text).toBe('Elsewhere')
    expect(response.history[0]!.isRedirect).toBe(true)
  })

  test.each([
    [301, true],
    [302, false],
    [307, false],
    [308, true],
  ])('with %i are permanent: %s', async (status, isPermanent) => {
    const url = `${site.current.url}/redirect-to?status=${status}&url=/echo`
    const response = await session.current.get(url, { allowRedirects: false })
    expect([response.isRedirect, response.isPermanentRedirect]).toEqual([true, isPermanent])
    expect((await session.current.get(`${site.current.url}/status/${status}`)).isPermanentRedirect).toBe(false)
  })

  test('end after 30, with the last response and the earlier ones', async () => {
    const result = await attempt(go('/relative-redirect/50'))
    expect(result.ok).toBe(false)
    const error = (result as unknown as { error: TooManyRedirects }).error
    expect(error).toBeInstanceOf(TooManyRedirects)
    expect(error.response!.url).toBe(`${site.current.url}/relative-redirect/20`)
    expect(error.response!.history).toHaveLength(30)
  })

  test('end after the session’s maximum', async () => {
    session.current.maxRedirects = 5
    const result = await attempt(go('/relative-redirect/50'))
    const { error } = result as unknown as { error: TooManyRedirects }
    expect(error.response!.url).toBe(`${site.current.url}/relative-redirect/45`)
    expect(error.response!.history).toHaveLength(5)
  })

  test('fail if the maximum is 0', async () => {
    const result = await attempt(go('/redirect/1', { maxRedirects: 0 }))
    expect(result.ok).toBe(false)
  })

  test('are not followed on request, and have a next request', async () => {
    const response = await go('/redirect/1', { allowRedirects: false })
    expect(response.statusCode).toBe(302)
    expect(response.next!.url).toBe(`${site.current.url}/echo`)
    response.raiseForStatus()
  })

  test('of HEAD are followed only on request, and stay HEAD', async () => {
    const url = `${site.current.url}/redirect/1`
    expect((await session.current.head(url)).statusCode).toBe(302)
    const followed = await session.current.head(url, { allowRedirects: true })
    expect(followed.statusCode).toBe(200)
    expect(followed.request.method).toBe('HEAD')
    expect(site.current.seen.at(-1)!.method).toBe('HEAD')
    await session.current.head(`${site.current.url}/redirect-to?status=303&url=/echo`, { allowRedirects: true })
    expect(site.current.seen.at(-1)!.method).toBe('HEAD')
  })

  test.each([
    [301, 'POST', 'GET'],
    [301, 'PUT', 'PUT'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'GET'],
    [303, 'POST', 'GET'],
    [303, 'DELETE', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ])('of %i turn %s into %s', async (status, method, expected) => {
    const url = `${site.current.url}/redirect-to?status=${status}&url=/echo`
    const response = await session.current.request(method, url, { data: 'body' })
    const echo = response.json<Echo>()
    expect(echo.method).toBe(expected)
    expect(echo.body).toBe(expected === 'GET' ? '' : 'body')
    if (expected === 'GET') {
      expect(echo.headers['content-length']).toBeUndefined()
      expect(echo.headers['content-type']).toBeUndefined()
    }
  })

  test('that become a GET drop the headers of a body in chunks', async () => {
    const url = `${site.current.url}/redirect-to?status=303&url=/echo`
    const headers = { 'Content-Encoding': 'x-own', Trailer: 'X-Sum' }
    const echo = (await session.current.post(url, { data: ['body'][Symbol.iterator](), headers })).json<Echo>()
    expect(echo.method).toBe('GET')
    for (const name of ['transfer-encoding', 'content-encoding', 'trailer'])
      expect(echo.headers).not.toHaveProperty(name)
  })

  test('without a Location are ordinary responses', async () => {
    const response = await go('/status/302')
    expect(response.statusCode).toBe(302)
    expect(response.isRedirect).toBe(false)
    expect(response.next).toBeUndefined()
    response.raiseForStatus()
  })

  test('keep the fragment unless they have their own', async () => {
    expect((await go('/redirect-to?url=/echo#top')).url).toBe(`${site.current.url}/echo#top`)
    expect((await go('/redirect-to?url=/echo%23own#top')).url).toBe(`${site.current.url}/echo#own`)
  })

  test('on the same host keep secrets and an explicit Host', async () => {
    const headers = { Host: 'named.test', 'X-Api-Key': 'key' }
    const options = { headers, auth: ['me', 'secret'] as const, sensitiveHeaders: ['X-Api-Key'] }
    const echo = (await go('/redirect/1', options)).json<Echo>()
    expect(echo.headers).toMatchObject({
      host: 'named.test',
      'x-api-key': 'key',
      authorization: expect.stringMatching(/^Basic /),
    })
    const headersOnly = await go('/redirect/1', { headers: { Authorization: 'Bearer token' } })
    expect(headersOnly.json<Echo>().headers.authorization).toBe('Bearer token')
  })

  test('to nowhere are returned as the response', async () => {
    const response = await go('/redirect-to?url=')
    expect([response.statusCode, response.isRedirect, response.history]).toEqual([302, false, []])
  })

  test('to other schemes are rejected', async () => {
    const result = await attempt(go('/redirect-to?url=file:///etc/passwd'))
    expect((result as { error: Error }).error).toBeInstanceOf(InvalidSchema)
  })

  test('are passed to the hook one by one', async () => {
    const seen: number[] = []
    await go('/redirect/1', {
      hooks: { response: (response: { statusCode: number }) => void seen.push(response.statusCode) },
    })
    expect(seen).toEqual([302, 200])
  })

  test('with a stream that cannot be rewound fail and say why', async () => {
    function* once() {
      yield 'piece'
    }
    const url = `${site.current.url}/redirect-to?status=307&url=/echo`
    const result = await attempt(session.current.post(url, { data: once() }))
    expect((result as { error: Error }).error.name).toBe('UnrewindableBodyError')
  })
})

onEachEngine('redirects to another host', (makeEngine) => {
  const site = useClosing(() => startSite())
  const other = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const across = (options: object) =>
    session.current.get(
      `${site.current.url}/redirect-to?url=${encodeURIComponent(`${other.current.url}/echo`)}`,
      options,
    )

  test('drop login, cookies and proxy credentials', async () => {
    const headers = { Cookie: 'a=b', 'Proxy-Authorization': 'Basic eA==', 'X-Other': 'stays' }
    const echo = (await across({ auth: ['me', 'secret'], headers })).json<Echo>()
    expect(site.current.seen[0]!.headers.authorization).toMatch(/^Basic /)
    expect(site.current.seen[0]!.headers.cookie).toBe('a=b')
    expect(echo.headers).not.toHaveProperty('authorization')
    expect(echo.headers).not.toHaveProperty('cookie')
    expect(echo.headers).not.toHaveProperty('proxy-authorization')
    expect(echo.headers['x-other']).toBe('stays')
  })

  test('drop headers declared sensitive', async () => {
    const headers = { 'X-Api-Key': 'secret', 'X-Other': 'stays' }
    const echo = (await across({ headers, sensitiveHeaders: ['x-api-key'] })).json<Echo>()
    expect(site.current.seen[0]!.headers['x-api-key']).toBe('secret')
    expect(echo.headers).not.toHaveProperty('x-api-key')
    expect(echo.headers['x-other']).toBe('stays')
  })

  test('drop all of the caller’s own headers on request', async () => {
    const echo = (await across({ headers: { 'X-Api-Key': 'secret' }, sensitiveHeaders: 'all' })).json<Echo>()
    expect(echo.headers).not.toHaveProperty('x-api-key')
    expect(echo.headers.accept).toBe('*/*')
  })

  test('drop the cookies that were set for the first host', async () => {
    const echo = (await across({ cookies: { for: 'the first' } })).json<Echo>()
    expect(site.current.seen[0]!.headers.cookie).toBe('for=the first')
    expect(echo.headers).not.toHaveProperty('cookie')
  })

  test('send the new Host, also if the first was set explicitly', async () => {
    const echo = (await across({ headers: { Host: 'by.hand' } })).json<Echo>()
    expect(site.current.seen[0]!.headers.host).toBe('by.hand')
    expect(echo.headers.host).toBe(other.current.host)
  })
})

onEachEngine('redirects of hostile servers', (makeEngine) => {
  const session = useSession(makeEngine)

  test('with raw UTF-8 in the Location are escaped once', async () => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(Buffer.from('HTTP/1.1 302 Found\r\nLocation: /echo/š\r\nContent-Length: 0\r\n\r\n'))
      connection.write(
        `HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Target: ${(await connection.request()).split(' ')[1]}\r\n\r\n`,
      )
    })
    const response = await session.current.get(server.url)
    expect(response.headers.get('x-target')).toBe('/echo/%C5%A1')
    await server.close()
  })

  test('to themselves with a cookie send the new cookie', async () => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        const head = await connection.request()
        if (head.includes('Cookie: seen=1')) connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        else connection.write('HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: seen=1\r\nContent-Length: 0\r\n\r\n')
      }
    })
    const response = await session.current.get(server.url)
    expect(response.text).toBe('ok')
    expect(response.history).toHaveLength(1)
    await server.close()
  })

  test('send the cookies of the request and of earlier responses, and only the latter are kept', async () => {
    const cookies: (string | undefined)[] = []
    const server = await startRawServer(async (connection) => {
      for (const further of [
        'Location: /two\r\nSet-Cookie: one=1',
        'Location: /three\r\nSet-Cookie: two=2',
        undefined,
      ]) {
        cookies.push(/^Cookie: (.*?)\r?$/m.exec(await connection.request())?.[1])
        const status = further === undefined ? '200 OK' : `302 Found\r\n${further}`
        connection.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`)
      }
    })
    await session.current.get(server.url, { cookies: { own: '0' } })
    expect(cookies).toEqual(['own=0', 'own=0; one=1', 'own=0; one=1; two=2'])
    expect(session.current.cookies.toObject()).toEqual({ one: '1', two: '2' })
    await server.close()
  })

  test('each have the elapsed time of their own response', async () => {
    const server = await startSite({
      '/slow': (_request, response) => setTimeout(() => response.writeHead(302, { Location: '/' }).end(), 100),
    })
    const started = performance.now()
    const response = await session.current.get(`${server.url}/slow`)
    const took = performance.now() - started
    const [first] = response.history
    expect(first!.elapsed).toBeGreaterThan(90)
    expect(first!.elapsed + response.elapsed).toBeLessThanOrEqual(took)
    session.current.close()
    await server.close()
  })

  test('may have bodies larger than maxSize', async () => {
    const server = await startRawServer(async (connection) => {
      for (;;) {
        const isFirst = !(await connection.request()).startsWith('GET /page')
        if (isFirst)
          connection.write(`HTTP/1.1 302 Found\r\nLocation: /page\r\nContent-Length: 200\r\n\r\n${' '.repeat(200)}`)
        else connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
    expect((await session.current.get(server.url, { maxSize: 100 })).text).toBe('ok')
    await server.close()
  })

  test.each(['gzip', 'gzip, gzip, gzip, gzip, gzip, gzip'])(
    'may have bodies that are not really in %s',
    async (coding) => {
      const server = await startRawServer(async (connection) => {
        for (;;) {
          const isFirst = !(await connection.request()).startsWith('GET /page')
          if (isFirst)
            connection.write(
              `HTTP/1.1 302 Found\r\nLocation: /page\r\nContent-Encoding: ${coding}\r\nContent-Length: 5\r\n\r\nplain`,
            )
          else connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        }
      })
      expect((await session.current.get(server.url)).text).toBe('ok')
      await server.close()
    },
  )

  test('with a small body reuse the connection', async () => {
    const site = await startSite()
    await session.current.get(`${site.url}/redirect/4`)
    expect(site.connections()).toBe(1)
    session.current.close()
    await site.close()
  })

  test.each([
    ['a large body', 'Content-Length: 10000000\r\n\r\nbegin'],
    ['a body without end', '\r\nbegin'],
    ['a body without end in chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n'],
  ])('with %s are followed, and the connection is closed', async (_name, rest) => {
    const server = await startRawServer(async (connection, index) => {
      await connection.request()
      if (index === 0) connection.write(`HTTP/1.1 302 Found\r\nLocation: /next\r\n${rest}`)
      else connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const response = await session.current.get(server.url)
    expect(response.text).toBe('ok')
    expect(server.connections()).toBe(2)
    session.current.close()
    await server.close()
  })

  test.each([
    ['to where nobody can be led', 'ftp://example.org/', 1, InvalidSchema],
    ['once too often', '/', 0, TooManyRedirects],
  ])('that lead %s close their connection', async (_words, location, maxRedirects, kind) => {
    const closed = new Event()
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 10000000\r\n\r\nbegin`)
      await connection.closed
      closed.set()
    })
    const result = await attempt(session.current.get(server.url, { maxRedirects }))
    expect(result.ok ? undefined : result.error).toBeInstanceOf(kind)
    await closed.wait()
    await server.close()
  })
})
