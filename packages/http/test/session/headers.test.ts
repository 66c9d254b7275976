import { attempt } from '@greenlit/core'
import { expect, test } from 'vitest'
import { InvalidHeader } from '../../src/errors/invalid-header.ts'
import { RequestException } from '../../src/errors/request-exception.ts'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('request headers', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const echo = async (options?: RequestOptions, method = 'GET') =>
    (await session.current.request(method, `${site.current.url}/echo`, options)).json<Echo>()

  test('start with the session’s, overridden in place by the request’s, and new ones follow', async () => {
    session.current.headers.set('X-One', '1')
    session.current.headers.set('X-Two', '2')
    const { rawHeaders } = await echo({ headers: { 'x-one': 'mine', 'X-Three': '3' } })
    const own = rawHeaders.filter((text, index) => index % 2 === 0 && /^x-/i.test(text))
    expect(own).toEqual(['x-one', 'X-Two', 'X-Three'])
    expect(rawHeaders[rawHeaders.indexOf('x-one') + 1]).toBe('mine')
  })

  test('lack those that the request removes', async () => {
    const { headers } = await echo({ headers: { Accept: null, 'accept-encoding': undefined } })
    expect(headers).not.toHaveProperty('accept')
    expect(headers).not.toHaveProperty('accept-encoding')
    expect(headers['user-agent']).toMatch(/^greenlit/)
  })

  test.each(['GET', 'HEAD'])('have no Content-Length for %s', async (method) => {
    await session.current.request(method, `${site.current.url}/echo`)
    expect(site.current.seen[0]!.headers).not.toHaveProperty('content-length')
    expect(site.current.seen[0]!.headers).not.toHaveProperty('transfer-encoding')
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE'])(
    'have one Content-Length of 0 for %s without a body',
    async (method) => {
      for (const options of [{}, { data: new Uint8Array() }]) {
        const { rawHeaders } = await echo(options, method)
        expect(linesCalled('content-length', rawHeaders)).toEqual(['0'])
      }
    },
  )

  test.each(['DELETE', 'OPTIONS', 'PURGE'])('have the Content-Length of the body for %s', async (method) => {
    const { rawHeaders } = await echo({ data: 'body' }, method)
    expect(linesCalled('content-length', rawHeaders)).toEqual(['4'])
  })

  test('of concurrent requests each have their own Content-Length', async () => {
    const asked = [echo({}, 'DELETE'), echo({}, 'GET'), echo({}, 'POST'), echo({}, 'DELETE')]
    const lengths = (await Promise.all(asked)).map(({ headers }) => headers['content-length'])
    expect(lengths).toEqual(['0', undefined, '0', '0'])
  })

  test('have one Host, also if it is set explicitly', async () => {
    expect((await echo()).headers.host).toBe(site.current.host)
    const { rawHeaders } = await echo({ headers: { Host: 'by.hand' } })
    expect(rawHeaders.filter((text) => text.toLowerCase() === 'host')).toHaveLength(1)
    expect(rawHeaders[rawHeaders.findIndex((text) => text.toLowerCase() === 'host') + 1]).toBe('by.hand')
  })

  test('may be empty, and may repeat', async () => {
    const headers = new CaseInsensitiveDict({ 'X-Empty': '', 'X-Twice': ['a', 'b'] })
    const { rawHeaders } = await echo({ headers })
    expect(rawHeaders[rawHeaders.indexOf('X-Empty') + 1]).toBe('')
    expect(rawHeaders.filter((text) => text === 'X-Twice')).toHaveLength(2)
  })

  test.each([
    ['a line break in a value', { 'X-Bad': 'a\r\nX-Smuggled: 1' }],
    ['a line break in a name', { 'X-Bad\r\nX-Smuggled': '1' }],
    ['white space before a value', { 'X-Bad': ' a' }],
    ['white space before a name', { ' X-Bad': 'a' }],
    ['a number', { 'X-Bad': 3 as unknown as string }],
    ['an object', { 'X-Bad': { a: 1 } as unknown as string }],
    ['a list', { 'X-Bad': ['a', 'b'] as unknown as string }],
    ['an empty list', { 'X-Bad': [] as unknown as string }],
  ])('are rejected with %s', async (_name, headers) => {
    const result = await attempt(session.current.get(site.current.url, { headers }))
    const { error } = result as { error: Error }
    expect(error).toBeInstanceOf(InvalidHeader)
    expect(error).toBeInstanceOf(RequestException)
    expect(error.message).toContain('X-Bad')
    expect(site.current.seen).toHaveLength(0)
  })

  test.each([
    ['two hosts', new CaseInsensitiveDict({ Host: ['one.test', 'two.test'] }), 'Host'],
    ['trailers that cannot follow', { Trailer: 'X-Sum' }, 'Trailer'],
  ])('are rejected with %s', async (_name, headers, name) => {
    const result = await attempt(session.current.get(site.current.url, { headers }))
    const { error } = result as { error: Error }
    expect(error).toBeInstanceOf(InvalidHeader)
    expect(error.message).toContain(name)
    expect(site.current.seen).toHaveLength(0)
  })

  test('may be those that an engine has its own use for', async () => {
    const headers = { Expect: '100-continue', 'Keep-Alive': 'timeout=5', Upgrade: 'h2c' }
    const { rawHeaders } = await echo({ headers })
    for (const [name, value] of Object.entries(headers)) expect(rawHeaders[rawHeaders.indexOf(name) + 1]).toBe(value)
  })

  test('are rejected if set on the session', async () => {
    session.current.headers.set('X-Bad', 'a\r\nb')
    const result = await attempt(session.current.get(site.current.url))
    expect((result as { error: Error }).error).toBeInstanceOf(InvalidHeader)
  })

  test('can close the connection', async () => {
    await echo({ headers: { Connection: 'close' } })
    await echo()
    expect(site.current.connections()).toBe(2)
  })
})

onEachEngine('response headers', (makeEngine) => {
  const session = useSession(makeEngine)
  const answer = async (head: string) => {
    const server = await startRawServer(async (connection) => {
      await connection.request()
      connection.write(`HTTP/1.1 ${head}\r\n\r\n`)
    })
    const result = await attempt(session.current.get(server.url))
    session.current.close()
    await expect.poll(() => server.open()).toBe(0)
    await server.close()
    return { result, server }
  }

  test('match in any case, repeated ones joined, with every line kept', async () => {
    const { result } = await answer(
      '200 Fine\r\nX-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0',
    )
    const { headers, reason, cookies } = (result as { value: import('../../src/response/response.ts').Response }).value
    expect(headers.get('X-a')).toBe('1, 2')
    expect(headers.get('SET-COOKIE')).toEqual(['a=1', 'b=2'])
    expect(headers.getAll('x-a')).toEqual(['1', '2'])
    expect(headers.raw.slice(0, 2)).toEqual([
      ['X-A', '1'],
      ['x-a', '2'],
    ])
    expect([...headers.keys()]).toContain('X-A')
    expect(reason).toBe('Fine')
    expect(cookies.toObject()).toEqual({ a: '1', b: '2' })
  })

  test('are rejected beyond their limit, and the connection is closed', async () => {
    const { result } = await answer(`200 OK\r\nX-Long: ${'x'.repeat(100 * 1024)}\r\nContent-Length: 0`)
    const { error } = result as { error: Error }
    expect(error.name).toBe('ConnectionError')
    expect(error.message).toContain('64 KiB')
  })

  test.each([
    ['no HTTP', 'nonsense'],
    ['two lengths that differ', '200 OK\r\nContent-Length: 3\r\nContent-Length: 4'],
  ])('are rejected with %s', async (_name, head) => {
    const { result } = await answer(head)
    expect((result as { error: Error }).error.name).toBe('ConnectionError')
  })

  test('may follow early hints', async () => {
    const { result } = await answer(
      '103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0',
    )
    expect((result as { value: { statusCode: number } }).value.statusCode).toBe(200)
  })
})

/** The values of all lines with this name. */
function linesCalled(name: string, raw: readonly string[]): string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === name)
}
