import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type LookupFunction, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import { attempt, spawn } from '@greenlit/core'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { OSError } from '../../../net/src/errors/os-error.ts'
import { Authority } from '../../../net/test/certificates.ts'
import { HTTPProxyAuth } from '../../src/auth/auth.ts'
import { ConnectTimeout } from '../../src/errors/connect-timeout.ts'
import { InvalidProxyURL } from '../../src/errors/invalid-proxy-url.ts'
import { ProxyError } from '../../src/errors/proxy-error.ts'
import { SSLError } from '../../src/errors/ssl-error.ts'
import { CaseInsensitiveDict } from '../../src/headers/case-insensitive-dict.ts'
import { bypassesProxy } from '../../src/proxy/no-proxy.ts'
import { proxyFor } from '../../src/proxy/select-proxy.ts'
import type { RequestOptions } from '../../src/session/options.ts'
import { onEachEngine } from '../support/engines.ts'
import { guardLeaks } from '../support/guard.ts'
import { startProxy } from '../support/proxy.ts'
import { closedPort, startRawServer } from '../support/raw-server.ts'
import { useClosing, useSession } from '../support/session.ts'
import { type Echo, startSite } from '../support/site.ts'

guardLeaks()

const authority = new Authority()
const folder = mkdtempSync(join(tmpdir(), 'greenlit-'))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const AUTHORITY = file('authority.pem', authority.cert)
const OTHER_AUTHORITY = file('other.pem', new Authority('Another').cert)
const CLIENT = authority.issue({ name: 'client' })
const SERVER = authority.issue({ name: 'localhost', hosts: ['localhost', '127.0.0.1'] })
const CLIENT_CERTIFICATE = file('client.pem', CLIENT.cert)
const CLIENT_KEY = file('client.key', CLIENT.key)
const OTHER_KEY = file('other.key', SERVER.key)
const NO_CERTIFICATE = file('none.pem', 'This is no certificate')
const LOOP = join(folder, 'loop.pem')
symlinkSync(LOOP, LOOP)
const CLIENT_BOTH = file('both.pem', CLIENT.cert + CLIENT.key)
afterAll(() => rmSync(folder, { recursive: true }))

const toLoopback: LookupFunction = (_name, { all }, found) => {
  if (all) found(null, [{ address: '127.0.0.1', family: 4 }])
  else found(null, '127.0.0.1', 4)
}

const startTlsSite = () => startSite({}, SERVER)

onEachEngine('TLS', (makeEngine) => {
  const site = useClosing(startTlsSite)
  const session = useSession(makeEngine)
  const go = (options?: RequestOptions) => session.current.get(`${site.current.url}/echo`, options)
  const failure = async (options?: RequestOptions) =>
    ((await attempt(go(options))) as unknown as { error: Error }).error

  test('rejects an untrusted certificate', async () => {
    const error = await failure()
    expect(error).toBeInstanceOf(SSLError)
    expect(error.message).toContain(site.current.host)
    expect(await failure({ verify: OTHER_AUTHORITY })).toBeInstanceOf(SSLError)
  })

  test('rejects a certificate for another host', async () => {
    const other = await startSite({}, authority.issue({ name: 'other', hosts: ['other.test'] }))
    const result = await attempt(session.current.get(`${other.url}/echo`, { verify: AUTHORITY }))
    expect((result as { error: Error }).error).toBeInstanceOf(SSLError)
    await other.close()
  })

  test('trusts the authorities in a file, or anyone on request', async () => {
    expect((await go({ verify: AUTHORITY })).statusCode).toBe(200)
    expect((await go({ verify: false })).statusCode).toBe(200)
    const byAddress = `https://127.0.0.1:${site.current.port}/echo`
    expect((await session.current.get(byAddress, { verify: AUTHORITY })).statusCode).toBe(200)
  })

  test('never shares a connection between requests with different TLS settings', async () => {
    await go({ verify: false })
    await go({ verify: false })
    expect(site.current.connections()).toBe(1)
    expect(await failure()).toBeInstanceOf(SSLError)
    await go({ verify: AUTHORITY })
    await go({ verify: false })
    expect(site.current.connections()).toBe(2)
  })

  test('names a file that is missing or unreadable', () => {
    expect(() => go({ verify: '/no/such/file.pem' })).toThrow(/invalid path: \/no\/such\/file.pem/)
    expect(() => go({ cert: '/no/such/file.pem' })).toThrow(/invalid path: \/no\/such\/file.pem/)
    const result = (() => {
      try {
        return go({ verify: '/no/such/file.pem' })
      } catch (error) {
        return error
      }
    })()
    expect(result).toBeInstanceOf(OSError)
    expect(result).toMatchObject({ code: 'ENOENT', errno: 2 })
    expect(() => go({ verify: LOOP })).toThrow(/invalid path: .*loop\.pem \(ELOOP\)/)
    expect(() => go({ cert: [CLIENT_CERTIFICATE, LOOP] })).toThrow(/invalid path: .*loop\.pem \(ELOOP\)/)
    expect(() => go({ verify: 3 as never })).toThrow(/verify/)
    expect(() => go({ cert: ['one'] as never })).toThrow(/cert/)
  })

  test('sends a client certificate', async () => {
    const strict = await startSite({}, { ...SERVER, ca: authority.cert, requestCert: true, rejectUnauthorized: true })
    const ask = (cert?: RequestOptions['cert']) =>
      attempt(session.current.get(`${strict.url}/echo`, { verify: AUTHORITY, cert }))
    const refused = (await ask()) as { error?: Error }
    expect(refused.error).toBeInstanceOf(SSLError)
    expect((await ask([CLIENT_CERTIFICATE, CLIENT_KEY])).ok).toBe(true)
    expect((await ask(CLIENT_BOTH)).ok).toBe(true)
    session.current.close()
    await strict.close()
  })

  test('fails with a client certificate that is invalid, or does not match its key', async () => {
    for (const cert of [NO_CERTIFICATE, [CLIENT_CERTIFICATE, OTHER_KEY] as const])
      expect(await failure({ verify: AUTHORITY, cert })).toBeInstanceOf(SSLError)
    expect((await go({ verify: AUTHORITY })).statusCode).toBe(200)
  })

  test('sends a server name without the trailing dot', async () => {
    const names: unknown[] = []
    const named = await startSite(
      {
        '/name': ({ socket, headers }, response) => {
          names.push((socket as TLSSocket & { servername?: unknown }).servername, headers.host)
          response.end()
        },
      },
      SERVER,
    )
    const url = `https://localhost.:${named.port}/name`
    const response = await session.current.get(url, { verify: AUTHORITY, lookup: toLoopback })
    expect(response.url).toBe(url)
    expect(names).toEqual(['localhost', `localhost:${named.port}`])
    session.current.close()
    await named.close()
  })
})

onEachEngine('a file of authorities in the environment', (makeEngine) => {
  const NAMES = ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']
  const site = useClosing(() =>
    startSite({}, { ...SERVER, ca: authority.cert, requestCert: true, rejectUnauthorized: false }),
  )
  const session = useSession(makeEngine, { trustEnv: true, proxies: { no_proxy: '*' } })
  const before = NAMES.map((name) => process.env[name])
  const setBoth = (values: readonly (string | undefined)[]) => {
    for (const [index, name] of NAMES.entries()) {
      if (values[index] === undefined) delete process.env[name]
      else process.env[name] = values[index]
    }
  }
  afterEach(() => setBoth(before))
  const isTrusted = async (options?: RequestOptions) =>
    (await attempt(session.current.get(`${site.current.url}/echo`, options))).ok

  test.each([
    [undefined, undefined, false],
    [AUTHORITY, undefined, true],
    [undefined, AUTHORITY, true],
    ['', AUTHORITY, true],
    [AUTHORITY, OTHER_AUTHORITY, true],
    [OTHER_AUTHORITY, AUTHORITY, false],
    ['', '', false],
  ])('is used in its order: %#', async (first, second, expected) => {
    setBoth([first, second])
    expect(await isTrusted()).toBe(expected)
    expect(await isTrusted({ verify: true, cert: CLIENT_BOTH })).toBe(expected)
  })

  test('is overridden by the request, and used only with trustEnv', async () => {
    setBoth([OTHER_AUTHORITY, undefined])
    expect(await isTrusted({ verify: AUTHORITY })).toBe(true)
    expect(await isTrusted({ verify: false })).toBe(true)
    setBoth([AUTHORITY, undefined])
    session.current.trustEnv = false
    expect(await isTrusted()).toBe(false)
  })
})

onEachEngine('TLS that fails after the handshake', (makeEngine) => {
  const session = useSession(makeEngine)

  test.each([
    ['', 'the request'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin', 'the body'],
  ])('after %j, ends %s immediately', async (begun) => {
    const server = await startRawServer(({ socket }) => {
      const secure = new TLSSocket(socket, { ...SERVER, isServer: true })
      secure.on('error', () => {})
      // What goes past TLS is none.
      secure.once('data', () =>
        secure.write(begun, () => Socket.prototype.write.call(socket, 'HTTP/1.1 200 OK\r\n\r\n')),
      )
    })
    const url = `https://localhost:${server.port}/`
    const result = await attempt(session.current.get(url, { verify: AUTHORITY, lookup: toLoopback, timeout: 10_000 }))
    expect((result as { error?: Error }).error).toBeInstanceOf(SSLError)
    await server.close()
  })
})

onEachEngine('an https proxy', (makeEngine) => {
  const site = useClosing(() => startSite())
  const secure = useClosing(startTlsSite)
  const proxy = useClosing(() => startProxy({ tls: SERVER }))
  const session = useSession(makeEngine)

  test('is verified like servers, and asked for a tunnel only for https', async () => {
    const proxies = { all: proxy.current.url }
    for (const { current } of [site, secure]) {
      const go = (verify?: string | boolean) => session.current.get(`${current.url}/echo`, { proxies, verify })
      expect((await go(AUTHORITY)).json<Echo>().target).toBe('/echo')
      expect((await go(false)).statusCode).toBe(200)
      const result = await attempt(go(OTHER_AUTHORITY))
      expect((result as { error?: Error }).error).toBeInstanceOf(ProxyError)
    }
    expect(proxy.current.forwarded).toEqual([`${site.current.url}/echo`, `${site.current.url}/echo`])
    expect(proxy.current.tunnels).toEqual([secure.current.host, secure.current.host])
  })

  test('that does not speak TLS is a ProxyError', async () => {
    const plain = await startRawServer(
      ({ socket }) => void socket.once('data', () => socket.end('HTTP/1.0 501 No\r\n\r\n')),
    )
    const proxies = { all: `https://127.0.0.1:${plain.port}` }
    for (const { current } of [site, secure]) {
      const result = await attempt(session.current.get(current.url, { proxies, verify: false }))
      expect((result as { error?: Error }).error).toBeInstanceOf(ProxyError)
    }
    await plain.close()
  })

  test('fails with an invalid client certificate', async () => {
    const options = { proxies: { all: proxy.current.url }, verify: AUTHORITY, cert: NO_CERTIFICATE }
    const result = await attempt(session.current.get(secure.current.url, options))
    expect((result as { error?: Error }).error).toBeInstanceOf(SSLError)
  })
})

onEachEngine('a proxy', (makeEngine) => {
  const site = useClosing(() => startSite())
  const secure = useClosing(startTlsSite)
  const proxy = useClosing(() => startProxy())
  const session = useSession(makeEngine)

  test('forwards http requests, in absolute form, over a kept-alive connection', async () => {
    const proxies = { http: proxy.current.url }
    const first = await session.current.get(`${site.current.url}/echo?a=1`, { proxies })
    expect(first.json<Echo>().target).toBe('/echo?a=1')
    await session.current.post(`${site.current.url}/echo`, { proxies, data: 'body' })
    expect(proxy.current.forwarded).toEqual([`${site.current.url}/echo?a=1`, `${site.current.url}/echo`])
    expect(site.current.seen[1]!.body.toString()).toBe('body')
    expect(proxy.current.open()).toBe(1)
  })

  test('carries https requests through a kept-alive tunnel', async () => {
    const proxies = { https: proxy.current.url }
    for (let times = 0; times < 3; times += 1) {
      const response = await session.current.get(`${secure.current.url}/echo`, { proxies, verify: AUTHORITY })
      expect(response.json<Echo>().target).toBe('/echo')
    }
    expect(proxy.current.tunnels).toEqual([secure.current.host])
    expect((await attempt(session.current.get(secure.current.url, { proxies }))).ok).toBe(false)
  })

  test('receives its credentials, and the server does not', async () => {
    const withUser = proxy.current.url.replace('http://', 'http://me%25:secret@')
    const proxies = { all: withUser }
    const expected = `Basic ${Buffer.from('me%:secret').toString('base64')}`
    const plain = await session.current.get(`${site.current.url}/echo`, { proxies })
    const tunnelled = await session.current.get(`${secure.current.url}/echo`, { proxies, verify: AUTHORITY })
    expect(proxy.current.credentials).toEqual([expected, expected])
    expect(plain.json<Echo>().headers).not.toHaveProperty('proxy-authorization')
    expect(tunnelled.json<Echo>().headers).not.toHaveProperty('proxy-authorization')
    const byHand = { 'Proxy-Authorization': 'Basic eA==' }
    for (let times = 0; times < 2; times += 1) {
      const other = await session.current.get(`${secure.current.url}/echo`, {
        proxies: { https: proxy.current.url },
        verify: AUTHORITY,
        headers: byHand,
      })
      expect(other.json<Echo>().headers).not.toHaveProperty('proxy-authorization')
      expect(proxy.current.credentials.slice(2)).toEqual(['Basic eA=='])
    }
    await session.current.get(`${site.current.url}/echo`, { proxies, headers: byHand })
    expect(proxy.current.credentials.slice(3)).toEqual(['Basic eA=='])
    const several = await session.current.get(`${secure.current.url}/echo`, {
      proxies: { https: proxy.current.url },
      verify: AUTHORITY,
      headers: new CaseInsensitiveDict({ 'Proxy-Authorization': ['Basic eQ==', 'Basic eg=='] }),
    })
    expect(several.json<Echo>().headers).not.toHaveProperty('proxy-authorization')
  })

  test('that is unreachable, or refuses, is a ProxyError', async () => {
    const gone = `http://127.0.0.1:${await closedPort()}`
    for (const url of [site.current.url, secure.current.url]) {
      const result = await attempt(session.current.get(url, { proxies: { all: gone } }))
      expect((result as { error: Error }).error).toBeInstanceOf(ProxyError)
    }
    const strict = await startProxy({ refuse: 407 })
    const refused = await attempt(session.current.get(secure.current.url, { proxies: { all: strict.url } }))
    expect((refused as { error: Error }).error).toBeInstanceOf(ProxyError)
    expect((refused as { error: Error }).error.message).toContain('407')
    await strict.close()
  })

  test('that stalls is abandoned at the timeout, and when the greenlet is killed', async () => {
    const stalling = await startProxy({ stall: true })
    const options: RequestOptions = { proxies: { all: stalling.url }, timeout: [50, 1000] }
    const result = await attempt(session.current.get(secure.current.url, options))
    expect((result as { error: Error }).error).toBeInstanceOf(ConnectTimeout)
    await expect.poll(() => stalling.open()).toBe(0)
    await stalling.close()
    const another = await startProxy({ stall: true })
    const greenlet = spawn(() => session.current.get(secure.current.url, { proxies: { all: another.url } }))
    await expect.poll(() => another.tunnels.length).toBe(1)
    await greenlet.kill()
    await expect.poll(() => another.open()).toBe(0)
    await another.close()
  })

  test('is abandoned by a request that ends during the TLS handshake behind it', async () => {
    const silent = await startRawServer(async (connection) => {
      await connection.request()
      connection.write('HTTP/1.1 200 OK\r\n\r\n')
      await connection.closed
    })
    const options: RequestOptions = { proxies: { all: silent.url }, timeout: [50, 1000] }
    await expect(session.current.get(secure.current.url, options)).rejects.toBeInstanceOf(ConnectTimeout)
    await expect.poll(() => silent.open()).toBe(0)
    await silent.close()
  })

  test('is chosen again for each redirect', async () => {
    const proxies = { 'http://127.0.0.1': proxy.current.url }
    const url = `${site.current.url}/redirect-to?url=${encodeURIComponent(`http://localhost:${site.current.port}/echo`)}`
    expect((await session.current.get(url, { proxies })).ok).toBe(true)
    expect(proxy.current.forwarded).toHaveLength(1)
  })

  test('comes from the session, and a request may opt out', async () => {
    session.current.proxies = { http: proxy.current.url }
    await session.current.get(`${site.current.url}/echo`)
    await session.current.get(`${site.current.url}/echo`, { proxies: { http: null } })
    expect(proxy.current.forwarded).toHaveLength(1)
  })
})

onEachEngine('a redirect from http to https', (makeEngine) => {
  const session = useSession(makeEngine)
  const server = useClosing(() =>
    startRawServer(async (connection) => {
      await connection.request()
      connection.end('HTTP/1.1 302 Found\r\nLocation: https://a.test/\r\nContent-Length: 0\r\n\r\n')
    }),
  )

  test.each([
    ['headers', { headers: { 'Proxy-Authorization': 'Basic eDp5', 'X-Other': 'stays' } }],
    ['auth', { auth: new HTTPProxyAuth('x', 'y'), headers: { 'X-Other': 'stays' } }],
  ])('sends proxy credentials given as %s to the same proxy only', async (_way, given) => {
    const nextWith = async (proxies: (proxy: string) => Record<string, string>) => {
      const options = { ...given, proxies: proxies(server.current.url), allowRedirects: false }
      return (await session.current.get('http://a.test/', options)).next!.headers
    }
    expect((await nextWith((all) => ({ all }))).get('Proxy-Authorization')).toBe('Basic eDp5')
    for (const proxies of [(http: string) => ({ http }), (http: string) => ({ http, https: 'http://other.test' })]) {
      const headers = await nextWith(proxies)
      expect([headers.has('Proxy-Authorization'), headers.get('X-Other')]).toEqual([false, 'stays'])
    }
  })
})

describe('the proxy chosen', () => {
  const NAMES = [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'ALL_PROXY',
    'no_proxy',
    'NO_PROXY',
    'REQUEST_METHOD',
  ]
  const before = NAMES.map((name) => [name, process.env[name]] as const)
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  })
  const chosen = (url: string, proxies: Record<string, string | null> | undefined, trustEnv = false) =>
    proxyFor(new URL(url), proxies, trustEnv)?.url.host

  test('is the one for scheme and host, then scheme, then all', () => {
    const proxies = {
      'http://a.test': 'http://one',
      'all://a.test': 'http://three',
      http: 'http://two',
      all: 'http://four',
    }
    expect(chosen('http://a.test/', proxies)).toBe('one')
    expect(chosen('http://b.test/', proxies)).toBe('two')
    expect(chosen('https://a.test/', proxies)).toBe('three')
    expect(chosen('https://b.test/', proxies)).toBe('four')
    expect(chosen('http://b.test/', { http: null, all: 'http://four' })).toBeUndefined()
    expect(chosen('http://b.test/', { http: 'plain:3128' })).toBe('plain:3128')
    expect(chosen('http://b.test/', { http: '//plain:3128' })).toBe('plain:3128')
  })

  test('comes from the environment if that is trusted', () => {
    process.env.http_proxy = 'http://lower'
    process.env.HTTP_PROXY = 'http://upper'
    process.env.ALL_PROXY = 'http://all'
    process.env.NO_PROXY = 'inside.test'
    expect(chosen('http://a.test/', {}, true)).toBe('lower')
    expect(chosen('https://a.test/', undefined, true)).toBe('all')
    expect(chosen('http://a.inside.test/', {}, true)).toBeUndefined()
    expect(chosen('http://a.test/', {}, false)).toBeUndefined()
    expect(chosen('http://a.test/', { http: 'http://given' }, true)).toBe('given')
  })

  test('is disabled by an empty lower-case variable, whatever the upper-case one says', () => {
    process.env.http_proxy = ''
    process.env.HTTP_PROXY = 'http://upper'
    process.env.https_proxy = ''
    process.env.HTTPS_PROXY = 'http://upper'
    process.env.ALL_PROXY = 'http://all'
    expect(chosen('http://a.test/', {}, true)).toBe('all')
    expect(chosen('https://a.test/', {}, true)).toBe('all')
    process.env.all_proxy = ''
    expect(chosen('http://a.test/', {}, true)).toBeUndefined()
    expect(chosen('https://a.test/', {}, true)).toBeUndefined()
    delete process.env.http_proxy
    delete process.env.https_proxy
    expect(chosen('http://a.test/', {}, true)).toBe('upper')
    expect(chosen('https://a.test/', {}, true)).toBe('upper')
  })

  test('is none for hosts in `noProxy`, which replaces the environment’s list', () => {
    process.env.no_proxy = 'outside.test'
    for (const list of [{ noProxy: 'inside.test' }, { no_proxy: 'inside.test' }]) {
      const proxies = { http: 'http://one', ...list }
      expect(chosen('http://a.inside.test/', proxies)).toBeUndefined()
      expect(chosen('http://outside.test/', proxies, true)).toBe('one')
    }
    expect(chosen('http://outside.test/', { http: 'http://one', noProxy: '' }, true)).toBe('one')
  })

  test('is the one given, also for hosts in the environment’s list, which is about its own proxies', () => {
    process.env.no_proxy = 'outside.test'
    process.env.http_proxy = 'http://two'
    expect(chosen('http://outside.test/', { http: 'http://one' }, true)).toBe('one')
    expect(chosen('http://outside.test/', { https: 'http://one' }, true)).toBeUndefined()
    expect(chosen('http://inside.test/', { https: 'http://one' }, true)).toBe('two')
  })

  test('may have a user without a password', () => {
    const authorization = (proxy: string) => proxyFor(new URL('http://a.test/'), { http: proxy }, false)?.authorization
    expect(authorization('http://us%20er@one')).toBe(`Basic ${btoa('us er:')}`)
    expect(authorization('http://:secret@one')).toBe(`Basic ${btoa(':secret')}`)
    expect(authorization('http://one')).toBeUndefined()
  })

  test('is not the one of a CGI client', () => {
    delete process.env.http_proxy
    process.env.HTTP_PROXY = 'http://upper'
    process.env.REQUEST_METHOD = 'GET'
    expect(chosen('http://a.test/', {}, true)).toBeUndefined()
  })

  test.each([
    'http:/badproxy:3128',
    'http://:8080',
    'https://',
    'http:///example.com:8080',
    'http://a:0',
    'http:',
    'localhost:',
    'socks5://a:1080',
  ])('is rejected as %s', (url) => {
    expect(() => chosen('http://a.test/', { all: url })).toThrow(InvalidProxyURL)
  })

  test.each(['http://me:secret@a:99999', 'http://me:secret@a b', 'socks5://me:secret@a'])(
    'is refused without showing its password: %s',
    (url) => {
      try {
        expect.unreachable(chosen('http://a.test/', { all: url }))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidProxyURL)
        expect(inspect(error, { depth: 9 })).not.toContain('secret')
      }
    },
  )

  test.each([
    ['http://a.test/', 'a.test', true],
    ['http://b.a.test/', 'a.test', true],
    ['http://b.a.test/', '.a.test', true],
    ['http://ba.test/', 'a.test', false],
    ['http://a.test:8080/', 'a.test:8080', true],
    ['http://a.test/', 'a.test:8080', false],
    ['https://a.test/', 'a.test:443', true],
    ['http://A.test/', 'b.test, a.TEST', true],
    ['http://10.1.2.3/', '10.0.0.0/8', true],
    ['http://11.1.2.3/', '10.0.0.0/8', false],
    ['http://[fd00::1]/', 'fd00::/8', true],
    ['http://10.1.2.3/', '10.1.2.3/32', true],
    ['http://[fd00::1]/', 'fd00::1/128', true],
    ['http://[fd00::1]/', 'fd00::/64', true],
    ['http://[fd00::1]/', 'fd00::2/128', false],
    ['http://[::1]/', '::1', true],
    ['http://[::1]/', '[::1]:80', true],
    ['http://[2001:0DB8::0001]/', '2001:0DB8:0::0001', true],
    ['http://[::ffff:1.2.3.4]/', '[::FFFF:1.2.3.4]:80', true],
    ['http://[fe80::1]/', 'fe80::1%eth0', false],
    ['http://10.1.2.3/', '10.0.0.0/33, 10.0.0.0/x, /, a/8, fd00::/8', false],
    ['http://[fd00::1]/', 'fd00::/129, 10.0.0.0/8', false],
    ['http://10.1.2.3/', '2.3', false],
    ['http://127.0.0.1/', '127.0.0.1', true],
    ['http://any.test/', '*', true],
    ['http://any.test/', ' , ', false],
  ])('is none for %s with NO_PROXY %s: %s', (url, list, expected) => {
    expect(bypassesProxy(new URL(url), list)).toBe(expected)
  })
})
