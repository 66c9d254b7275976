import { inspect } from 'node:util'
import { attempt, sleep, spawn } from '@greenlit/core'
import { expect, test } from 'vitest'
import { AuthBase } from '../../src/auth/auth.ts'
import { map } from '../../src/batch/map.ts'
import { CookieJar } from '../../src/cookies/cookie-jar.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { NodeEngine } from '../../src/engine/node-engine.ts'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { StreamConsumedError } from '../../src/errors/stream-consumed-error.ts'
import { PreparedRequest } from '../../src/request/prepared-request.ts'
import { Request } from '../../src/request/request.ts'
import type { Response } from '../../src/response/response.ts'
import { HTTPAdapter } from '../../src/session/http-adapter.ts'
import { Session } from '../../src/session/session.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('a session', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const echo = async (given = {}) => (await session.current.get(`${site.current.url}/echo`, given)).json<Echo>()
  const go = (path: string, given = {}) => session.current.get(site.current.url + path, given)

  test('keeps cookies, also those of redirects, and drops expired ones', async () => {
    expect((await go('/cookies/set?foo=bar&quoted="a b"')).json()).toEqual({ cookie: 'foo=bar; quoted="a b"' })
    expect(session.current.cookies.get('foo')).toBe('bar')
    expect((await go('/cookies/expire/foo')).json()).toEqual({ cookie: 'quoted="a b"' })
  })

  test('a subclass may have a login of its own', async () => {
    class Shop extends Session {
      *login(user: string) {
        return (yield* this.get(`${site.current.url}/cookies/set?user=${user}`)).statusCode
      }
    }
    using shop = new Shop()
    expect(await spawn(() => shop.login('ada'))).toBe(200)
    expect(shop.cookies.get('user')).toBe('ada')
  })

  test('sends the cookies of a request with that request only', async () => {
    session.current.cookies.set('own', '1')
    expect((await go('/cookies', { cookies: { more: '2' } })).json()).toEqual({ cookie: 'own=1; more=2' })
    expect((await go('/cookies', { cookies: { own: 'other' } })).json()).toEqual({ cookie: 'own=other' })
    expect((await go('/cookies')).json()).toEqual({ cookie: 'own=1' })
    expect((await go('/cookies', { headers: { Cookie: 'by=hand' } })).json()).toEqual({ cookie: 'by=hand' })
  })

  test('sends the cookies that it has when a request is made, not when its operation was created', async () => {
    const [set, shown, withOwn] = [go('/cookies/set?late=1'), go('/cookies'), go('/cookies', { cookies: { own: '2' } })]
    await set
    expect((await shown).json()).toEqual({ cookie: 'late=1' })
    expect((await withOwn).json()).toEqual({ cookie: 'late=1; own=2' })
    const [, after] = await map([go('/cookies/set?more=3'), go('/cookies')], { size: 1 })
    expect(after).toMatchObject({ ok: true })
    expect(after?.ok && after.value.json()).toEqual({ cookie: 'late=1; more=3' })
  })

  test('prepares requests, which nothing else makes', () => {
    expect(() => new (PreparedRequest as new () => unknown)()).toThrow(
      /^Expected a PreparedRequest to be made by `Request.prepare\(\)`/,
    )
  })

  test('asks for the credentials of a request when it is made', async () => {
    const asked: number[] = []
    const auth = (request: PreparedRequest) => {
      asked.push(asked.length)
      request.headers.set('Authorization', `Token ${asked.length}`)
    }
    const [first, second] = [echo.bind(undefined, { auth }), go('/echo', { auth })]
    expect(asked).toEqual([])
    expect((await first()).headers.authorization).toBe('Token 1')
    expect((await second).json<Echo>().headers.authorization).toBe('Token 2')
  })

  test('rejects invalid options, and so does an adapter', () => {
    expect(() => new Session({ auth: 'token' as never })).toThrow('Expected `auth` to be [user, password]')
    expect(() => new Session({ params: 7 as never })).toThrow('Expected `params` to be text')
    expect(() => new Session({ headers: null as never, auth: null, params: null as never })).not.toThrow()
    expect(() => new Session('http://example.org/' as never)).toThrow('Expected `options` to be an object')
    expect(() => new Session({ trustEnv: 'no' as never })).toThrow('Expected `trustEnv` to be true or false, got "no"')
    expect(() => new HTTPAdapter(3 as never)).toThrow('Expected `options` to be an object')
  })

  test('accepts plain objects as its headers and cookies', async () => {
    session.current.headers = { 'X-First': '1', 'Accept-Encoding': 'identity' }
    session.current.headers.set('X-Second', '2')
    session.current.cookies = { foo: 'bar' }
    const { rawHeaders, headers } = (await go('/echo')).json<Echo>()
    expect(rawHeaders.filter((text) => /^(x|accept)/i.test(text))).toEqual(['X-First', 'Accept-Encoding', 'X-Second'])
    expect(headers.cookie).toBe('foo=bar')
    expect(() => {
      session.current.headers = 'X: 1' as never
    }).toThrow(/headers/)
    expect(() => {
      session.current.cookies = 'a=b' as never
    }).toThrow(/cookies/)
  })

  test('shares its jar with other sessions', async () => {
    const jar = new CookieJar()
    const one = new Session({ engine: makeEngine(), cookies: jar, trustEnv: false })
    const other = new Session({ engine: makeEngine(), cookies: jar, trustEnv: false })
    await one.get(`${site.current.url}/cookies/set?a=1`)
    expect((await other.get(`${site.current.url}/cookies`)).json()).toEqual({ cookie: 'a=1' })
    one.close()
    other.close()
  })

  test('adds its parameters, which a request overrides or removes', async () => {
    session.current.params = { a: '1', b: '2' }
    expect((await echo({ params: { b: '3', c: '4' } })).target).toBe('/echo?a=1&b=3&c=4')
    expect((await echo({ params: { a: undefined } })).target).toBe('/echo?b=2')
    for (const none of [null as never, {}, [], '', new Map(), new URLSearchParams()])
      expect((await echo({ params: none })).target).toBe('/echo?a=1&b=2')
    expect(() => session.current.get(site.current.url, { params: Promise.resolve({}) as never })).toThrow(/`params`/)
  })

  test('omits its parameters if they, or those of the request, are not an object', async () => {
    session.current.params = { a: '1' }
    expect((await echo({ params: 'b=2' })).target).toBe('/echo?b=2')
    expect((await echo({ params: [['b', '2']] })).target).toBe('/echo?b=2')
    session.current.params = 'a=1'
    expect((await echo()).target).toBe('/echo?a=1')
    expect((await echo({ params: { b: '2' } })).target).toBe('/echo?b=2')
  })

  test('has the defaults of requests, which can be changed in place', async () => {
    expect(session.current).toMatchObject({ maxRedirects: 30, stream: false, verify: true })
    expect([session.current.params, session.current.proxies, session.current.hooks]).toEqual([{}, {}, { response: [] }])
    const statuses: number[] = []
    session.current.hooks.response.push((response) => statuses.push(response.statusCode))
    Object.assign(session.current.params!, { page: '2' })
    session.current.proxies.http = site.current.url
    const response = await session.current.get('http://example.test/echo')
    expect(response.json<Echo>().target).toBe('http://example.test/echo?page=2')
    expect(statuses).toEqual([200])
  })

  test('copies the hooks it is given, and rejects invalid ones at once', () => {
    const given = [() => {}]
    session.current.hooks = { response: given }
    session.current.hooks.response.push(() => {})
    expect([given.length, session.current.hooks.response.length]).toEqual([1, 2])
    const assign = (hooks: unknown) => () => Object.assign(session.current, { hooks })
    expect(assign({ request: [] })).toThrow('Expected `hooks` to have `response` alone, got "request"')
    expect(assign({ response: 5 })).toThrow('Expected `hooks.response` to be a function or several, got 5')
    expect(assign(undefined)).toThrow('Expected `hooks` to be an object, got undefined')
  })

  test('calls its hooks, or those of the request', async () => {
    const calls: string[] = []
    session.current.hooks = { response: () => void calls.push('session') }
    await echo()
    await echo({ hooks: { response: [() => void calls.push('one'), () => void calls.push('two')] } })
    expect(calls).toEqual(['session', 'one', 'two'])
  })

  test('calls its hooks also for a request with empty hooks', async () => {
    const calls: string[] = []
    session.current.hooks = { response: () => void calls.push('session') }
    await echo({ hooks: {} })
    await echo({ hooks: { response: [] } })
    await echo({ hooks: { response: undefined } })
    expect(calls).toEqual(['session', 'session', 'session'])
    await echo({ hooks: { response: null as never } })
    expect(calls).toHaveLength(3)
  })

  test('passes its hook a response whose body has been read, unless it is streamed', async () => {
    const seen: unknown[] = []
    const response = (given: Response) => {
      try {
        seen.push(given.content.length)
      } catch (error) {
        seen.push(error)
      }
    }
    await go('/bytes/100000', { hooks: { response } })
    await go('/redirect-to?url=/bytes/7', { hooks: { response } })
    await go('/bytes/10', { hooks: { response }, stream: true })
    expect(seen).toEqual([100_000, 9, 7, expect.any(StreamConsumedError)])
  })

  test('tells its hook how the request was sent', async () => {
    const seen: unknown[] = []
    const response = (_given: Response, options: unknown) => void seen.push(options)
    await go('/echo', { hooks: { response }, timeout: [5_000, 6_000], verify: false, stream: true })
    const timeout = { connect: 5_000, read: 6_000, total: undefined }
    expect(seen).toEqual([{ timeout, stream: true, verify: false, cert: undefined, proxies: undefined }])
  })

  test('lets a hook wait, and replace the response', async () => {
    const hooks = {
      *response(response: Response) {
        yield* sleep(1)
        return response.url.endsWith('/echo') ? undefined : yield* session.current.get(`${site.current.url}/echo`)
      },
    }
    expect((await go('/status/404', { hooks })).statusCode).toBe(200)
    expect((await go('/bytes/100000', { hooks: { response: (given: Response) => given } })).content).toHaveLength(
      100_000,
    )
  })

  test('leaves a body to a hook that read it and replaced the response', async () => {
    let replaced: Response | undefined
    const hooks = {
      *response(given: Response) {
        replaced = given
        yield* given.read()
        return yield* session.current.get(`${site.current.url}/echo`)
      },
    }
    expect((await go('/bytes/10', { hooks })).json<Echo>().target).toBe('/echo')
    expect(replaced!.content).toHaveLength(10)
  })

  test('also closes a hook’s replacement, if it is killed while draining the original', async () => {
    let isReplaced = false
    const hooks = {
      *response() {
        const other = yield* session.current.get(`${site.current.url}/bytes/1000000`, { stream: true })
        isReplaced = true
        return other
      },
    }
    const greenlet = spawn(() => go('/trickle', { hooks, stream: true }))
    await expect.poll(() => isReplaced).toBe(true)
    await greenlet.kill()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('throws the error of its hook', async () => {
    const hooks = {
      response() {
        throw new RangeError('not that')
      },
    }
    const result = await attempt(go('/echo', { hooks }))
    expect((result as { error: Error }).error.message).toBe('not that')
    session.current.close()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('closes the connection of a response that nobody will read', async () => {
    class Forgetful extends AuthBase {
      authenticate() {}
      override answer(): boolean {
        throw new RangeError('what was it')
      }
    }
    const failing = () => {
      throw new RangeError('not that')
    }
    const replacing = (response: Response) =>
      response.url.endsWith('/echo') ? undefined : session.current.get(`${site.current.url}/echo`)
    await attempt(go('/bytes/1000000', { hooks: { response: failing } }))
    await attempt(go('/missing', { auth: new Forgetful(), stream: true }))
    expect((await go('/bytes/1000000', { hooks: { response: replacing } })).url).toMatch('/echo')
    session.current.close()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('sends prepared requests that were changed', async () => {
    session.current.headers.set('X-Session', 'yes')
    const prepared = session.current.prepareRequest(
      new Request('post', `${site.current.url}/echo`, { data: { a: '1' } }),
    )
    expect([prepared.method, prepared.url, prepared.pathUrl]).toEqual(['POST', `${site.current.url}/echo`, '/echo'])
    expect(Buffer.from(prepared.body!).toString()).toBe('a=1')
    prepared.headers.set('X-Changed', 'yes')
    prepared.url += '?changed'
    const sent = (await session.current.send(prepared)).json<Echo>()
    expect(sent.target).toBe('/echo?changed')
    expect([sent.headers['x-session'], sent.headers['x-changed'], sent.body]).toEqual(['yes', 'yes', 'a=1'])
    const bare = new Request('GET', `${site.current.url}/echo`, { params: { a: '1' } }).prepare()
    expect((await session.current.send(bare)).json<Echo>().headers).not.toHaveProperty('x-session')
  })

  test('sends a body that replaced the prepared one, with its length', async () => {
    const prepared = session.current.prepareRequest(
      new Request('POST', `${site.current.url}/echo`, { data: { a: '1' } }),
    )
    prepared.body = 'No, I want exactly this: é'
    const sent = (await session.current.send(prepared)).json<Echo>()
    expect([sent.body, sent.headers['content-length']]).toEqual(['No, I want exactly this: é', '27'])
    prepared.body = undefined
    expect((await session.current.send(prepared)).json<Echo>().body).toBe('')
    expect(() => {
      prepared.body = 5 as never
    }).toThrow(/body/)
  })

  test('uses the adapter of the longest prefix', async () => {
    const asked: string[] = []
    const noting = (name: string): Engine => {
      const engine = makeEngine()
      return {
        send: (one) => {
          asked.push(name)
          return engine.send(one)
        },
        close: () => engine.close(),
      }
    }
    session.current.mount('http://', noting('none'))
    session.current.mount(`${site.current.url}/status`, noting('status'))
    session.current.mount('HTTP://', noting('all'))
    await go('/echo')
    await go('/status/204')
    expect(asked).toEqual(['all', 'status'])
    expect(() => session.current.getAdapter('ftp://a')).toThrow(InvalidSchema)
    expect(() => session.current.mount('http://', undefined as never)).toThrow(/adapter/)
  })

  test('sends only prepared requests', () => {
    const request = new Request('GET', site.current.url)
    expect(() => session.current.send(request as never)).toThrow(/^Expected `request` to be a PreparedRequest/)
  })

  test('has the metadata of a response', async () => {
    const response = await go('/echo')
    expect(response.elapsed).toBeGreaterThanOrEqual(0)
    expect(response.elapsed).toBeLessThan(10_000)
    expect(response.reason).toBe('OK')
    expect(response.request.url).toBe(`${site.current.url}/echo`)
    expect(String(response)).toBe('<Response [200]>')
  })

  test('prints a request and its response without cookies and logins', async () => {
    const request = new Request('GET', `${site.current.url}/echo`, { auth: ['me', 'secret'], cookies: { id: '7' } })
    const response = await session.current.send(session.current.prepareRequest(request))
    expect(inspect([request, response.request, response])).toBe(
      '[ <Request [GET]>, <PreparedRequest [GET]>, <Response [200]> ]',
    )
    const { url } = response
    expect(JSON.parse(JSON.stringify([response.request, response]))).toEqual([
      { method: 'GET', url },
      { statusCode: 200, reason: 'OK', url },
    ])
  })

  test('closes at the end of its `using` block', async () => {
    {
      using inner = new Session({ engine: makeEngine(), trustEnv: false })
      await inner.get(`${site.current.url}/echo`)
    }
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test('closes immediately, and its close can be awaited like any other', async () => {
    const response = await session.current.get(`${site.current.url}/echo`, { stream: true })
    await spawn(function* () {
      expect(yield* response.close()).toBeUndefined()
      expect(yield* session.current.close()).toBeUndefined()
    })
    session.current.close()
    await expect.poll(() => site.current.open()).toBe(0)
  })

  test.each([
    [{ params: Promise.resolve({}) }, /^Expected `params`/],
    [{ headers: Promise.resolve({}) }, /^Expected `headers`/],
    [{ cookies: Promise.resolve({}) }, /^Expected `cookies`/],
    [{ files: Promise.resolve({}) }, /^Expected `files`/],
    [{ proxies: Promise.resolve({}) }, /^Expected `proxies`.*, got a Promise$/],
    [{ hooks: Promise.resolve({}) }, /^Expected `hooks`/],
    [{ timeout: Promise.resolve(5) }, /^Expected `timeout`/],
    [{ retries: Promise.resolve(5) }, /^Expected the options of Retry/],
    [{ retries: [500, 503] }, /^Expected the options of Retry to be an object.*, got an object of Array$/],
    [{ sensitiveHeaders: [7] }, /^Expected `sensitiveHeaders`/],
    [{ proxies: new Map([['http', 'http://me:secret@a']]) }, /^Expected `proxies` to be an object.*, got a Map$/],
    [{ proxies: ['http://me:secret@a'] }, /^Expected `proxies` to be an object.*, got an array$/],
    [{ maxRedirects: -1 }, /maxRedirects/],
    [{ maxRedirects: 1.5 }, /maxRedirects/],
    [{ maxSize: 'big' }, /maxSize/],
    [{ timeout: 'soon' }, /timeout/],
    [{ timeout: [1, 'soon'] }, /^Expected `timeout.read` to be a number of milliseconds above 0, got "soon"$/],
    [{ timeout: { total: 0 } }, /^Expected `timeout.total`/],
    [{ cookies: 'a=b' }, /^Expected `cookies` to be an object or a jar, got a string$/],
    [{ proxies: 'http://me:secret@127.0.0.1:3128' }, /^Expected `proxies` to be an object.*got a string$/],
    [{ proxies: { noProxy: ['localhost'] } }, /^Expected `proxies.noProxy` to be a string, as .*, got an array$/],
    [{ proxies: { no_proxy: new URL('http://a/') } }, /^Expected `proxies.no_proxy` to be a string/],
    [
      { proxies: { http: ['http://me:secret@a'] } },
      /^Expected `proxies` to have a string or a URL for "http", got an array$/,
    ],
    [{ proxies: { 'all://a': 3128 } }, /^Expected `proxies` to have a string or a URL for "all:\/\/a", got a number$/],
    [{ hooks: 7 }, /Expected `hooks` to be an object, got 7/],
    [{ hooks: { response: ['log'] } }, /Expected `hooks.response` to be a function or several, got "log"/],
    [{ hooks: { request: () => {} } }, /Expected `hooks` to have `response` alone, got "request"/],
    [{ allowRedirects: 'no' }, /^Expected `allowRedirects` to be true or false, got "no"$/],
    [{ stream: 1 }, /^Expected `stream` to be true or false, got 1$/],
    [{ sensitiveHeaders: [7] }, /^Expected `sensitiveHeaders` to be 'all' or an array/],
    [{ sensitiveHeaders: 'X-Api-Key' }, /Expected `sensitiveHeaders` to be 'all' or an array/],
    [{ guard: {} }, /^Expected `guard` to be a guard, as new PublicAddressGuard\(\), got an object of Object$/],
    [{ guard: false }, /^Expected `guard`/],
    [{ lookup: 'dns' }, /^Expected `lookup` to be a function, got "dns"$/],
    [{ headers: ['a: b'] }, /^Expected `headers` to hold pairs of a name and a value, got a string$/],
    [{ auth: 'token' }, /^Expected `auth` to be \[user, password\].*, got a string$/],
    ['options', /options/],
  ])('rejects %j', (given, message) => {
    expect(() => session.current.get(site.current.url, given as never)).toThrow(message)
  })

  test('treats null as no options, like Python’s None', async () => {
    const answers = await Promise.all([
      session.current.get(site.current.url, null as never),
      session.current.send(new Request('GET', site.current.url, null as never).prepare(), null as never),
    ])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect(new Session(null as never).guard).toBeUndefined()
  })

  test('prepares only requests of this package', () => {
    const foreign = new globalThis.Request(site.current.url)
    expect(() => session.current.prepareRequest(foreign as never)).toThrow(/^Expected `request` to be a Request/)
  })

  test('rejects an engine that is none', () => {
    expect(() => new Session({ engine: NodeEngine as never })).toThrow(/^Expected `engine` to be an engine/)
    expect(() => new HTTPAdapter({ engine: {} as never })).toThrow(/^Expected `engine` to be an engine/)
  })

  test.each(['connect', 'CONNECT', 'GE T', ''])('rejects the method %j', (method) => {
    expect(() => session.current.request(method, site.current.url)).toThrow(/^Expected `method`/)
  })
})
