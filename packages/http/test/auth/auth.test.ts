import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { AuthBase, type AuthenticatedRequest, HTTPBasicAuth, HTTPProxyAuth } from '../../src/auth/auth.ts'
import { parseChallenges } from '../../src/auth/challenges.ts'
import { HTTPDigestAuth } from '../../src/auth/digest.ts'
import { netrcLogin, parseNetrc } from '../../src/auth/netrc.ts'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'
import { Session } from '../../src/session/session.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { useClosing, useSession } from '../support/session.ts'
import { startSite } from '../support/site.ts'

guardLeaks()

onEachEngine('authentication', (makeEngine) => {
  const site = useClosing(() => startSite())
  const session = useSession(makeEngine)
  const go = (path: string, options = {}) => session.current.get(site.current.url + path, options)

  test('is basic for a pair, in UTF-8', async () => {
    expect((await go('/basic/me/secret', { auth: ['me', 'secret'] })).statusCode).toBe(200)
    expect((await go('/basic/me/secret')).statusCode).toBe(401)
    expect((await go('/basic/m%C3%AB/s%C3%ABcret', { auth: new HTTPBasicAuth('më', 'sëcret') })).statusCode).toBe(200)
  })

  test('is basic for bytes, sent unchanged', async () => {
    await go('/echo', { auth: [Buffer.from('m\xeb', 'latin1'), new Uint8Array([0x73, 0xe9])] })
    const sent = site.current.seen[0]!.headers.authorization!.slice('Basic '.length)
    expect(Buffer.from(sent, 'base64').toString('latin1')).toBe('m\xeb:s\xe9')
  })

  test('comes from the URL, decoded, and is removed from it', async () => {
    const url = `http://user%25user:pass%23@${site.current.host}/basic/user%25user/pass%23`
    const response = await session.current.get(url)
    expect(response.statusCode).toBe(200)
    expect(response.url).not.toContain('@')
  })

  test('comes from the session, unless the request overrides it', async () => {
    session.current.auth = ['me', 'secret']
    expect((await go('/basic/me/secret')).statusCode).toBe(200)
    expect((await go('/basic/me/secret', { auth: ['me', 'wrong'] })).statusCode).toBe(401)
  })

  test('may be a function or a custom class', async () => {
    class Token extends AuthBase {
      authenticate(request: AuthenticatedRequest): void {
        request.headers.set('Authorization', 'Bearer token')
      }
    }
    await go('/echo', { auth: new Token() })
    await go('/echo', { auth: (request: AuthenticatedRequest) => request.headers.set('X-Token', 'own') })
    expect(site.current.seen[0]!.headers.authorization).toBe('Bearer token')
    expect(site.current.seen[1]!.headers['x-token']).toBe('own')
    expect(() => go('/echo', { auth: 'me' })).toThrow(/auth/)
    expect(() => go('/echo', { auth: ['me'] })).toThrow(/auth/)
  })

  test.each(['MD5', 'SHA-256', 'SHA-512'])('by digest with %s takes one more round trip', async (algorithm) => {
    const auth = new HTTPDigestAuth('me', 'secret')
    const response = await go(`/digest/me/secret?algorithm=${algorithm}&other=1`, { auth })
    expect(response.json()).toEqual({ authenticated: true, nc: '00000001' })
    expect(response.history.map(({ statusCode, text }) => [statusCode, text])).toEqual([[401, 'Who asks?']])
    expect(site.current.seen).toHaveLength(2)
    expect(site.current.connections()).toBe(1)
  })

  test('that is asynchronous is rejected, and nothing is sent', async () => {
    class Late extends AuthBase {
      override *authenticate(request: AuthenticatedRequest): Generator<never, void> {
        request.headers.set('Authorization', 'Bearer late')
      }
    }
    await expect(async () => go('/echo', { auth: new Late() })).rejects.toThrow('to act at once')
    await expect(async () => go('/echo', { auth: async () => {} })).rejects.toThrow(TypeError)
    const failing = async () => {
      throw new Error('unheard')
    }
    await expect(async () => go('/echo', { auth: failing })).rejects.toThrow('to act at once')
    expect(site.current.seen).toEqual([])
    class LateAnswer extends HTTPBasicAuth {
      override answer(): never {
        return Promise.resolve(false) as never
      }
    }
    await expect(async () => go('/status/403', { auth: new LateAnswer('me', 'x') })).rejects.toThrow('to act at once')
    expect(site.current.seen).toHaveLength(1)
  })

  test('by digest reuses the nonce while the server accepts it', async () => {
    const auth = new HTTPDigestAuth('me', 'secret')
    await go('/digest/me/secret', { auth })
    expect((await go('/digest/me/secret?again', { auth })).json()).toEqual({ authenticated: true, nc: '00000002' })
    const redirected = await go('/redirect-to?url=/digest/me/secret', { auth })
    expect(redirected.history.map(({ statusCode }) => statusCode)).toEqual([302])
    expect(site.current.seen).toHaveLength(5)
  })

  test('by a function is computed for each URL of the same host', async () => {
    const auth = (request: AuthenticatedRequest) => request.headers.set('X-For', new URL(request.url).pathname)
    await go('/redirect-to?url=/echo', { auth })
    expect(site.current.seen.map(({ headers }) => headers['x-for'])).toEqual(['/redirect-to', '/echo'])
  })

  test('by digest with a wrong password is tried once', async () => {
    const response = await go('/digest/me/secret', { auth: new HTTPDigestAuth('me', 'wrong') })
    expect(response.statusCode).toBe(401)
    expect(site.current.seen).toHaveLength(2)
  })

  test('by digest streams, resends bodies and follows redirects', async () => {
    const auth = new HTTPDigestAuth('me', 'secret')
    const streamed = await go('/digest/me/secret', { auth, stream: true })
    expect(JSON.parse(Buffer.from(await streamed.read()).toString())).toHaveProperty('authenticated', true)
    const fresh = () => new HTTPDigestAuth('me', 'secret')
    const posted = await session.current.post(`${site.current.url}/digest/me/secret`, { auth: fresh(), data: 'body' })
    expect(posted.statusCode).toBe(200)
    expect(site.current.seen.at(-1)!.body.toString()).toBe('body')
    const redirected = await go('/redirect-to?url=/digest/me/secret', { auth: fresh() })
    expect(redirected.statusCode).toBe(200)
    expect(redirected.history.map(({ statusCode }) => statusCode)).toEqual([302, 401])
  })

  test('by digest covers the body if the server requires it and the body is in memory', async () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex')
    const server = await startSite({
      '/safe': (request, response, body) => {
        const given = request.headers.authorization ?? ''
        const [, cnonce = '', nc = ''] = [/x/, /cnonce="(\w+)"/, /nc=(\w+)/].map((field) => field.exec(given)?.[1])
        const message = md5(`${request.method}:/safe:${md5(body.toString())}`)
        const wanted = md5(`${md5('me:r:secret')}:n:${nc}:${cnonce}:auth-int:${message}`)
        response.writeHead(given.includes(`response="${wanted}"`) ? 200 : 401, {
          'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth-int"',
        })
        response.end()
      },
    })
    const auth = new HTTPDigestAuth('me', 'secret')
    const url = `${server.url}/safe`
    expect((await session.current.post(url, { auth, data: 'body' })).statusCode).toBe(200)
    expect((await session.current.get(url, { auth })).history).toEqual([])
    const streamed = new Set(['bo', 'dy'])
    expect((await session.current.post(url, { auth, data: streamed })).statusCode).toBe(401)
    await server.close()
  })

  test('by digest sends the cookie that came with the challenge', async () => {
    const server = await startSite({
      '/safe': (request, response) => {
        const isAnswered = request.headers.authorization !== undefined && request.headers.cookie === 'asked=1'
        response.writeHead(isAnswered ? 200 : 401, {
          'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"',
          'Set-Cookie': 'asked=1',
        })
        response.end()
      },
    })
    const auth = new HTTPDigestAuth('me', 'secret')
    expect((await session.current.get(`${server.url}/safe`, { auth })).statusCode).toBe(200)
    await server.close()
  })

  test('by digest answers only challenges', async () => {
    expect((await go('/status/401', { auth: new HTTPDigestAuth('me', 'secret') })).statusCode).toBe(401)
    expect((await go('/basic/me/secret', { auth: new HTTPDigestAuth('me', 'secret') })).statusCode).toBe(401)
    expect(site.current.seen).toHaveLength(2)
  })
})

test.each([HTTPBasicAuth, HTTPProxyAuth, HTTPDigestAuth])(
  '%o rejects credentials that are no text or bytes',
  (Scheme) => {
    const missing = undefined as unknown as string
    expect(() => new Scheme(missing, 'secret')).toThrow('Expected `username` to be a string or bytes, got undefined')
    expect(() => new Scheme('me', 42 as unknown as string)).toThrow(
      'Expected `password` to be a string or bytes, got number',
    )
  },
)

describe('a digest', () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const SECRET = md5('me:r:secret')
  const MESSAGE = md5('GET:/a?b')
  const answer = (challenge: string, auth = new HTTPDigestAuth('me', 'secret'), statusCode = 401, own = {}) => {
    const again = {
      method: 'GET',
      url: 'http://site.test/a?b',
      headers: new CaseInsensitiveDict(own),
      body: undefined,
    }
    const headers = new CaseInsensitiveDict({ 'WWW-Authenticate': challenge })
    const isAnswered = auth.answer({ statusCode, headers }, again)
    expect(again.headers.has('Authorization')).toBe(isAnswered)
    return isAnswered ? parseChallenges(again.headers.get('Authorization')!)[0]!.params : undefined
  }

  test.each(['', ', qop=""'])('answers a challenge%s without a quality of protection as in RFC 2069', (qop) => {
    expect(answer(`Digest realm="r", nonce="n"${qop}`)).toEqual({
      username: 'me',
      realm: 'r',
      nonce: 'n',
      uri: '/a?b',
      response: md5(`${SECRET}:n:${MESSAGE}`),
    })
  })

  test('sends back a realm byte for byte, and takes bytes as credentials', () => {
    const bytes = (text: string) => Buffer.from(text).toString('latin1')
    const challenge = `Digest realm="${bytes('café')}", nonce="n"`
    for (const auth of [
      new HTTPDigestAuth('më', 'sëcret'),
      new HTTPDigestAuth(new TextEncoder().encode('më'), new TextEncoder().encode('sëcret')),
    ]) {
      expect(answer(challenge, auth)).toMatchObject({
        username: bytes('më'),
        realm: bytes('café'),
        response: md5(`${md5('më:café:sëcret')}:n:${MESSAGE}`),
      })
    }
  })

  test('with -sess is made with the nonces of both sides', () => {
    const { cnonce, response, algorithm } = answer('Digest realm="r", nonce="n", qop=" AUTH ", algorithm=md5-sess')!
    expect(response).toBe(md5(`${md5(`${SECRET}:n:${cnonce}`)}:n:00000001:${cnonce}:auth:${MESSAGE}`))
    expect(algorithm).toBe('md5-sess')
    const old = answer('Digest realm="r", nonce="n", algorithm=MD5-sess')!
    expect(old.response).toBe(md5(`${md5(`${SECRET}:n:${old.cnonce}`)}:n:${MESSAGE}`))
    expect(old).not.toHaveProperty('nc')
  })

  test('is for the first supported challenge, and for none with another status than 4xx', () => {
    const many = 'Basic realm="r", Digest realm="r", Digest realm="r", nonce="a", algorithm=TIGER, '
    const met = 'Digest realm="r", nonce="b", qop="auth-conf", Digest realm="r", nonce="c", opaque="o", algorithm=SHA'
    expect(answer(many + met)).toMatchObject({ nonce: 'c', algorithm: 'SHA', opaque: 'o' })
    expect(answer(many)).toBeUndefined()
    for (const status of [200, 399, 500])
      expect(answer('Digest realm="r", nonce="n"', undefined, status)).toBeUndefined()
    expect(answer('Digest realm="r", nonce="n"', undefined, 407)).toBeDefined()
  })

  test('matches names in any case, uses the first of several, and unescapes quoted values', () => {
    const { nonce, realm, opaque } = answer('DIGEST REALM="a \\"b\\\\", Nonce=n, nonce=m, Opaque')!
    expect([nonce, realm, opaque]).toEqual(['n', 'a "b\\', undefined])
  })

  test('covers no body sent piece by piece, whether or not its length is known', () => {
    const given = (own: Record<string, string>) =>
      answer('Digest realm="r", nonce="n", qop="auth-int"', undefined, 401, own)?.qop
    expect(given({})).toBe('auth-int')
    expect(given({ 'Content-Length': '0' })).toBe('auth-int')
    expect(given({ 'Content-Length': '4' })).toBeUndefined()
    expect(given({ 'Transfer-Encoding': 'chunked' })).toBeUndefined()
  })

  test('counts the uses of a nonce, also of one that the server repeats', () => {
    const auth = new HTTPDigestAuth('me', 'secret')
    const counts = ['a', 'a', 'b'].map((nonce) => answer(`Digest realm="r", nonce="${nonce}", qop="auth"`, auth)?.nc)
    expect(counts).toEqual(['00000001', '00000002', '00000001'])
  })
})

describe('a netrc file', () => {
  const before = process.env.NETRC
  const folders: string[] = []
  const session = new Session()
  const site = useClosing(() => startSite())
  afterEach(() => {
    session.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
    if (before === undefined) delete process.env.NETRC
    else process.env.NETRC = before
  })
  const write = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
    folders.push(folder)
    process.env.NETRC = join(folder, 'netrc')
    writeFileSync(process.env.NETRC, text)
  }

  test('provides the login, unless the request has one or trustEnv is false', async () => {
    write('machine 127.0.0.1 login me password secret\n')
    const url = `${site.current.url}/basic/me/secret`
    expect((await session.get(url)).statusCode).toBe(200)
    expect((await session.get(url, { auth: ['me', 'wrong'] })).statusCode).toBe(401)
    const untrusting = new Session({ trustEnv: false })
    expect((await untrusting.get(url)).statusCode).toBe(401)
    untrusting.close()
  })

  test('provides the login for each host of a redirect without an Authorization header', async () => {
    write('machine 127.0.0.1 login me password secret\nmachine localhost login you password other\n')
    const { url, port, seen } = site.current
    const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`
    const sentTo = async (to: string, headers = {}) => {
      seen.length = 0
      await session.get(`${url}/redirect-to?url=${encodeURIComponent(to)}`, { headers })
      return seen.map((request) => request.headers.authorization)
    }
    expect(await sentTo(`http://localhost:${port}/echo`)).toEqual([basic('me:secret'), basic('you:other')])
    const byHand = { Authorization: 'Bearer x' }
    expect(await sentTo('/echo', byHand)).toEqual(['Bearer x', 'Bearer x'])
    expect(await sentTo(`http://localhost:${port}/echo`, byHand)).toEqual(['Bearer x', basic('you:other')])
  })

  test.each([
    ['is not there', () => {}],
    ['is a folder', (path: string) => mkdirSync(path)],
    ['cannot be looked at', (path: string) => symlinkSync(path, path)],
  ])('that %s counts as empty', async (_what, make) => {
    write('')
    const path = `${process.env.NETRC}-none`
    make(path)
    process.env.NETRC = path
    expect((await session.get(`${site.current.url}/echo`)).statusCode).toBe(200)
  })

  test('is the one in the user’s home, under either name, by default', () => {
    write('machine a.test login one password two')
    const home = process.env.HOME
    const folder = folders.at(-1)!
    const login = () => netrcLogin(new URL('http://a.test/'))
    try {
      process.env.HOME = folder
      process.env.NETRC = ''
      writeFileSync(join(folder, '_netrc'), 'machine a.test login three password four')
      expect(login()).toEqual(['three', 'four'])
      process.env.NETRC = join(folder, 'netrc')
      expect(login()).toEqual(['one', 'two'])
      delete process.env.NETRC
      writeFileSync(join(folder, '.netrc'), 'machine a.test login five password six')
      expect(login()).toEqual(['five', 'six'])
    } finally {
      if (home === undefined) delete process.env.HOME
      else process.env.HOME = home
    }
  })

  test('has machines, a default, quotes, macros and comments', () => {
    const netrc = parseNetrc(
      'macdef init\ncd /\nmachine no login no\n\n# machine no\nmachine a login "m e" password s#1\nmachine b\n  user me\n  account x\n  password p\ndefault login any password one',
    )
    expect([...netrc]).toEqual([
      ['a', ['m e', 's#1']],
      ['b', ['me', 'p']],
      ['', ['any', 'one']],
    ])
  })

  test.each([
    ['machine a login #b password #c #comment\nmachine d login e password f', { a: ['#b', '#c'], d: ['e', 'f'] }],
    ['machine a # comment\n  login b\n  #\n  password c', { a: ['b', 'c'] }],
    ['machine a login b password c macdef m\nmachine no login x\n\nmachine d login e', { a: ['b', 'c'], d: ['e', ''] }],
    ['machine a login "b \\"c\\"" password d\\ \\"e', { a: ['b "c"', 'd "e'] }],
    ['machine a account b password c', { a: ['b', 'c'] }],
    ['machine a login b account x password c', { a: ['b', 'c'] }],
    ['machine a login b\nmachine a login c', { a: ['c', ''] }],
    ['machine', {}],
    ['machine a unknown login b password c', { a: ['b', 'c'] }],
  ])('%j is parsed as in Python', (text, logins) => {
    expect(Object.fromEntries(parseNetrc(text))).toEqual(logins)
  })

  test('sends no login to a machine that has none, whatever the default is', async () => {
    write('machine 127.0.0.1\ndefault login me password secret\n')
    expect((await session.get(`${site.current.url}/echo`)).json<{ headers: object }>().headers).not.toHaveProperty(
      'authorization',
    )
  })
})

describe('challenges', () => {
  test('are separated in one header', () => {
    expect(
      parseChallenges('Basic realm="a, b", Digest realm="c \\"d\\"", qop="auth,auth-int", nonce=e, Negotiate'),
    ).toEqual([
      { scheme: 'basic', params: { realm: 'a, b' } },
      { scheme: 'digest', params: { realm: 'c "d"', qop: 'auth,auth-int', nonce: 'e' } },
      { scheme: 'negotiate', params: {} },
    ])
    expect(parseChallenges('realm="none", Digest nonce=a')).toEqual([{ scheme: 'digest', params: { nonce: 'a' } }])
  })
})
