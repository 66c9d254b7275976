import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { CookieConflictError } from '../../src/cookies/cookie-conflict-error.ts'
import { CookieJar } from '../../src/cookies/cookie-jar.ts'

const NOW = Date.UTC(2026, 0, 1)
const from = (url: string, ...headers: string[]) => {
  const jar = new CookieJar(undefined, { now: () => NOW })
  jar.extract(headers, new URL(url))
  return jar
}
const sent = (jar: CookieJar, url: string) => jar.headerFor(new URL(url))

describe('a cookie that a server set', () => {
  test('is sent back to that host only', () => {
    const jar = from('http://www.example.com/', 'foo=bar')
    expect(sent(jar, 'http://www.example.com/any')).toBe('foo=bar')
    expect(sent(jar, 'https://www.example.com:8443/')).toBe('foo=bar')
    expect(sent(jar, 'http://example.com/')).toBeUndefined()
    expect(sent(jar, 'http://sub.www.example.com/')).toBeUndefined()
    expect(sent(jar, 'http://other.com/')).toBeUndefined()
  })

  test.each(['example.com', '.example.com', 'EXAMPLE.com'])(
    'is sent to all hosts of its Domain attribute: %s',
    (domain) => {
      const jar = from('http://www.example.com/', `foo=bar; Domain=${domain}`)
      expect(sent(jar, 'http://example.com/')).toBe('foo=bar')
      expect(sent(jar, 'http://a.b.example.com/')).toBe('foo=bar')
      expect(sent(jar, 'http://notexample.com/')).toBeUndefined()
      expect(sent(jar, 'http://example.com.evil.org/')).toBeUndefined()
    },
  )

  test('is sent only to its path and below', () => {
    const jar = from('http://x.org/shop/cart', 'a=1', 'b=2; Path=/shop/', 'c=3; Path=/', 'd=4; Path=relative')
    expect(sent(jar, 'http://x.org/shop')).toBe('a=1; d=4; c=3')
    expect(sent(jar, 'http://x.org/shop/x')).toBe('b=2; a=1; d=4; c=3')
    expect(sent(jar, 'http://x.org/shopping')).toBe('c=3')
    expect(sent(jar, 'http://x.org/')).toBe('c=3')
  })

  test('is sent to its path however that is escaped', () => {
    const jar = from('http://x.org/a%2fb/c', 'a=1', 'b=2; Path=/%7Euser', 'c=3; Path=/%c3%a9/', 'd=4; Path=/é')
    expect(sent(jar, 'http://x.org/a%2Fb/d')).toBe('a=1')
    expect(sent(jar, 'http://x.org/~user')).toBe('b=2')
    expect(sent(jar, 'http://x.org/%c3%A9/')).toBe('c=3; d=4')
    expect(sent(jar, 'http://x.org/a/b/d')).toBeUndefined()
  })

  test('is sent only over https if it is Secure', () => {
    const jar = from('https://x.org/', 'a=1; Secure; HttpOnly')
    expect(sent(jar, 'http://x.org/')).toBeUndefined()
    expect(sent(jar, 'https://x.org/')).toBe('a=1')
    expect([...jar][0]).toMatchObject({ path: '/', secure: true, httpOnly: true, hostOnly: true, expires: Infinity })
  })

  test.each([
    ['a single label', 'http://example.com/', 'a=1; Domain=com'],
    ['a public suffix', 'http://example.co.uk/', 'a=1; Domain=co.uk'],
    ['a single label with a dot at its end', 'http://example.com./', 'a=1; Domain=com.'],
    ['a public suffix with a dot at its end', 'http://example.co.uk./', 'a=1; Domain=co.uk.'],
    ['another host', 'http://example.com/', 'a=1; Domain=other.com'],
    ['a subdomain', 'http://example.com/', 'a=1; Domain=www.example.com'],
    ['half a label', 'http://badexample.com/', 'a=1; Domain=example.com'],
    ['an address', 'http://127.0.0.1/', 'a=1; Domain=127.0.0.1'],
    ['a part of an address', 'http://127.0.0.1/', 'a=1; Domain=0.0.1'],
    ['an IPv6 address', 'http://[::1]/', 'a=1; Domain=[::1]'],
  ])('is refused for %s', (_words, url, header) => {
    expect(from(url, header).size).toBe(0)
  })

  test('may name its own single-label host, and is then sent only there', () => {
    const jar = from('http://localhost/', 'a=1; Domain=localhost')
    expect(sent(jar, 'http://localhost/')).toBe('a=1')
    expect(sent(jar, 'http://sub.localhost/')).toBeUndefined()
  })

  test.each([
    ['http://x.org/', 'a=1; Secure', false],
    ['https://x.org/', '__Secure-a=1', false],
    ['https://x.org/', '__Secure-a=1; Secure', true],
    ['https://x.org/', '__Host-a=1; Secure', false],
    ['https://x.org/', '__Host-a=1; Secure; Path=/', true],
    ['https://x.org/', '__host-a=1; Secure; Path=/; Domain=x.org', false],
    ['https://x.org/', '__Host-a=1; Path=/', false],
  ])('from %s as %j is accepted: %s', (url, header, taken) => {
    expect(from(url, header).size).toBe(taken ? 1 : 0)
  })

  test('over http does not overlay a secure one', () => {
    const jar = from('https://x.org/', 'a=secret; Secure')
    jar.extract(['a=evil; Path=/deep', 'a=; Max-Age=0', 'b=2'], new URL('http://x.org/'))
    expect(sent(jar, 'https://x.org/deep')).toBe('a=secret; b=2')
  })

  test.each([
    [
      'https://x.org/',
      'a=secret; Secure; Domain=x.org',
      'http://www.x.org/',
      'a=evil',
      'https://www.x.org/',
      'a=secret',
    ],
    [
      'https://www.x.org/',
      'a=secret; Secure',
      'http://x.org/',
      'a=evil; Domain=x.org',
      'https://www.x.org/',
      'a=secret',
    ],
    ['https://x.org/', 'a=secret; Secure; Path=/b', 'http://x.org/b/c/', 'a=evil', 'https://x.org/b/c/', 'a=secret'],
    ['https://x.org/', 'a=secret; Secure; Path=/b', 'http://x.org/', 'a=own', 'http://x.org/b', 'a=own'],
    ['https://x.org/', 'a=secret; Secure; Path=/b', 'http://x.org/bc/', 'a=own', 'http://x.org/bc/', 'a=own'],
    ['https://x.org/', 'a=secret; Secure', 'http://y.org/', 'a=own', 'http://y.org/', 'a=own'],
    ['https://x.org/', 'a=secret; Secure', 'https://x.org/', 'a=new', 'http://x.org/', 'a=new'],
    ['http://x.org/', 'a=old', 'http://x.org/', 'a=new', 'http://x.org/', 'a=new'],
  ])('from %s as %j is kept from what %s sets as %j', (url, header, other, second, asked, expected) => {
    const jar = from(url, header)
    jar.extract([second], new URL(other))
    expect(sent(jar, asked)).toBe(expected)
  })

  test('ignores attributes without a value', () => {
    const [cookie] = from('http://x.org/a/b', 'a=1; Domain; Path; Max-Age; Expires')
    expect(cookie).toMatchObject({ domain: 'x.org', hostOnly: true, path: '/a', expires: Infinity })
  })

  test('uses the last of several attributes, and ignores overlong ones', () => {
    const long = `/${'x'.repeat(1024)}`
    expect([...from('http://x.org/a/b', `a=1; Path=${long}; Domain=x.org`)]).toMatchObject([
      { path: '/a', domain: 'x.org' },
    ])
    expect([...from('http://x.org/a/b', 'a=1; Path=/b; path=/c; Max-Age=0; Max-Age=10')]).toMatchObject([
      { path: '/c', expires: NOW + 10_000 },
    ])
  })

  test.each([
    ['foo="bar"', 'foo="bar"'],
    ['foo="bar;baz"', 'foo="bar'],
    ['foo=a=b==', 'foo=a=b=='],
    ['foo=', 'foo='],
    ['foo = bar ; Path=/', 'foo=bar'],
    ['foo=b\xe9r', 'foo=b\xe9r'],
    ['foo=\xa0\xc3\xa0', 'foo=\xa0\xc3\xa0'],
    ['foo=a,b', 'foo=a,b'],
  ])('is kept as received: %j', (header, expected) => {
    expect(sent(from('http://x.org/', header), 'http://x.org/')).toBe(expected)
  })

  test.each(['', 'foo', '=bar', ';', 'foo=b\0ar', 'foo=b\r\nar', `foo=${'x'.repeat(5000)}`])(
    'is passed over if malformed: %j',
    (header) => {
      expect(from('http://x.org/', header).size).toBe(0)
    },
  )
})

describe('a cookie expires', () => {
  test.each([
    ['Max-Age=1', 1000],
    ['Max-Age=10', 10_000],
    ['Expires=Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 10_000],
    ['Max-Age=10; Max-Age=soon', 10_000],
    ['Expires=Thu, 01 Jan 2026 00:00:10 GMT; Expires=soon', 10_000],
  ])('after %s', (attribute, after) => {
    let time = NOW
    const jar = new CookieJar(undefined, { now: () => time })
    jar.extract([`a=1; ${attribute}`], new URL('http://x.org/'))
    time = NOW + after - 1
    expect(sent(jar, 'http://x.org/')).toBe('a=1')
    time = NOW + after
    expect(sent(jar, 'http://x.org/')).toBeUndefined()
    expect(jar.size).toBe(0)
    expect(jar.has('a')).toBe(false)
  })

  test.each(['Max-Age=0', 'Max-Age=-1', 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'])(
    'immediately with %s',
    (attribute) => {
      const jar = from('http://x.org/', 'a=1', 'b=2')
      jar.extract([`a=; ${attribute}`], new URL('http://x.org/'))
      expect(sent(jar, 'http://x.org/')).toBe('b=2')
    },
  )

  test('with the session if its date is invalid', () => {
    expect([...from('http://x.org/', 'a=1; Expires=soon; Max-Age=x')][0]!.expires).toBe(Infinity)
  })
})

describe('a jar', () => {
  test('sends longer paths first, then older cookies, and a replacement keeps its position', () => {
    const jar = from('http://x.org/a/b', 'one=1; Path=/', 'two=2; Path=/a', 'three=3; Path=/', 'one=new; Path=/')
    expect(sent(jar, 'http://x.org/a/b')).toBe('two=2; one=new; three=3')
  })

  test('sends cookies of a host, its parent domains and any host in order of age', () => {
    const jar = new CookieJar()
    for (const [name, domain] of Object.entries({
      a: 'x.org',
      b: 'www.x.org',
      c: '',
      d: 'org',
      e: 'x.org',
      f: 'y.org',
    }))
      jar.set(name, '1', { domain })
    expect(sent(jar, 'http://www.x.org/')).toBe('a=1; b=1; c=1; d=1; e=1')
    expect(sent(jar, 'http://127.0.0.1/')).toBe('c=1')
    expect(jar.headerFor(new URL('http://y.org./'), { unbound: false })).toBeUndefined()
  })

  test('is limited per domain and in total, evicting the oldest', () => {
    const jar = new CookieJar(undefined, { maxPerDomain: 2, maxCookies: 3 })
    jar.extract(['a=1', 'b=2', 'c=3'], new URL('http://x.org/'))
    expect(jar.keys()).toEqual(['b', 'c'])
    jar.extract(['d=4', 'e=5'], new URL('http://y.org/'))
    expect(jar.keys()).toEqual(['c', 'd', 'e'])
    jar.delete('d')
    jar.extract(['f=6', 'g=7'], new URL('http://y.org/'))
    expect(jar.keys()).toEqual(['c', 'f', 'g'])
  })

  test('behaves like a dictionary', () => {
    const jar = new CookieJar({ a: '1', b: '2' })
    expect(jar.get('a')).toBe('1')
    expect(jar.get('z')).toBeUndefined()
    expect(jar.keys()).toEqual(['a', 'b'])
    expect(jar.values()).toEqual(['1', '2'])
    expect(jar.entries()).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
    expect(jar.toObject()).toEqual({ a: '1', b: '2' })
    jar.set('a', undefined)
    expect(jar.has('a')).toBe(false)
    expect(jar.delete('a')).toBe(false)
    jar.clear()
    expect(jar.isEmpty).toBe(true)
  })

  test('requires a domain or path if several cookies have the same name', () => {
    const jar = new CookieJar()
    jar.set('k', 'one', { domain: 'one.org' })
    jar.set('k', 'two', { domain: '.two.org', path: '/p' })
    expect(() => jar.get('k')).toThrow(CookieConflictError)
    expect(jar.get('k', { domain: 'two.org' })).toBe('two')
    expect(jar.get('k', { path: '/p' })).toBe('two')
    expect(jar.toObject({ domain: 'one.org' })).toEqual({ k: 'one' })
    expect(jar.listDomains()).toEqual(['one.org', 'two.org'])
    expect(jar.listPaths()).toEqual(['/', '/p'])
    jar.clear({ domain: 'one.org' })
    expect(jar.get('k')).toBe('two')
  })

  test('sends cookies without a domain to any host, unless told not to', () => {
    const jar = new CookieJar({ lang: 'en' })
    jar.set('own', '1', { domain: 'x.org' })
    expect(sent(jar, 'http://x.org/')).toBe('lang=en; own=1')
    expect(sent(jar, 'http://y.org/')).toBe('lang=en')
    expect(jar.headerFor(new URL('http://x.org/'), { unbound: false })).toBe('own=1')
  })

  test('sends cookies set for a domain to its subdomains too, and over http, unless told not to', () => {
    const jar = new CookieJar()
    jar.set('a', '1', { domain: 'x.org' })
    jar.update([{ name: 'b', value: '2', domain: 'x.org' }] as never)
    jar.set('c', '3', { domain: 'x.org', hostOnly: true, httpOnly: true })
    jar.set('d', '4', { domain: 'x.org', secure: true })
    expect(sent(jar, 'http://www.x.org/')).toBe('a=1; b=2')
    expect(sent(jar, 'http://x.org/')).toBe('a=1; b=2; c=3')
    expect(sent(jar, 'https://www.x.org/')).toBe('a=1; b=2; d=4')
    expect([...jar].map(({ httpOnly }) => httpOnly)).toEqual([false, false, true, false])
  })

  test('keeps the other cookies when one is replaced endlessly', () => {
    const jar = new CookieJar(undefined, { maxPerDomain: 2 })
    for (let times = 0; times < 5; times += 1) jar.extract(['a=1', `b=${times}`], new URL('http://x.org/'))
    expect(jar.toObject()).toEqual({ a: '1', b: '4' })
  })

  test('sends a serialised cookie with only a name and a value to any host', () => {
    const jar = new CookieJar()
    jar.update([{ name: 'a', value: '1' }] as never)
    expect(sent(jar, 'http://x.org/')).toBe('a=1')
  })

  test('normalises serialised domains in any case and with a leading dot, as browsers write them', () => {
    const jar = new CookieJar()
    jar.update([{ name: 'a', value: '1', domain: '.X.org' }] as never)
    expect(sent(jar, 'http://www.x.org/')).toBe('a=1')
    jar.set('a', '2', { domain: 'x.ORG' })
    expect(sent(jar, 'http://www.x.org/')).toBe('a=2')
  })

  test('is copied independently, and restored from JSON', () => {
    const jar = from('https://x.org/', 'a b=1; Secure; Max-Age=60', 's=2')
    const copy = jar.copy()
    copy.set('c', '3')
    expect(jar.size).toBe(2)
    const back = new CookieJar(undefined, { now: () => NOW })
    back.update(JSON.parse(JSON.stringify(jar)))
    expect([...back]).toEqual([...jar])
    expect(jar.toJSON().map(({ expires }) => expires)).toEqual([NOW + 60_000, undefined])
  })

  test('is printed with its cookies and where they are sent', () => {
    const jar = new CookieJar({ a: '1' })
    jar.extract(['b=2; Path=/x'], new URL('http://example.org/'))
    expect(String(jar)).toBe('<CookieJar [a=1 for /, b=2 for example.org/x]>')
    expect(inspect(jar)).toBe(String(jar))
  })

  test('is copied with its limits and its clock', () => {
    let time = NOW
    const jar = new CookieJar({ a: '1', b: '2' }, { maxPerDomain: 3, maxCookies: 4, now: () => time })
    jar.set('a', '1', { expires: NOW + 1000 })
    const copy = jar.copy()
    time = NOW + 1000
    expect(copy.keys()).toEqual(['b'])
    for (const name of ['c', 'd', 'e']) copy.set(name, 'x')
    expect(copy.keys()).toEqual(['c', 'd', 'e'])
    for (const domain of ['x.org', 'y.org']) copy.set('f', 'x', { domain })
    expect(copy.keys()).toEqual(['d', 'e', 'f', 'f'])
    expect(jar.keys()).toEqual(['b'])
  })

  test.each([
    ['a;b', 'x'],
    ['a b', 'x'],
    ['', 'x'],
    ['a', 'x;y'],
    ['a', 'x\r\ny'],
    ['a', 3],
  ])('refuses %j=%j', (name, value) => {
    expect(() => new CookieJar().set(name, value as string)).toThrow(RangeError)
  })

  test('takes cookies by name from a map or other pairs, as from an object', () => {
    const jar = new CookieJar(new Map([['a', '1']]))
    jar.update([
      ['b', '2'],
      ['a', '3'],
    ])
    expect(jar.toObject()).toEqual({ a: '3', b: '2' })
    expect(() => jar.update([['a', 'x;y']])).toThrow(RangeError)
  })

  test('refuses values that are not jars', () => {
    for (const other of [null, undefined, 7, 'a=1']) {
      expect(() => new CookieJar().update(other as never)).toThrow('Expected `cookies` to be an object or a jar')
    }
    for (const cookie of [null, { name: 'a' }, { value: '1' }, ['a'], 'a=']) {
      expect(() => new CookieJar().update([cookie] as never)).toThrow('hold cookies as a jar does')
    }
    expect(() => new CookieJar('a=1' as never)).toThrow(TypeError)
    expect(() => new CookieJar(undefined, { maxCookies: 0 })).toThrow('`maxCookies`')
    expect(() => new CookieJar(undefined, { now: 7 as never })).toThrow('Expected `now` to be a function, got 7')
  })

  test.each([
    [{ domain: 7 }, 'Expected `domain` to be a string, got 7'],
    [{ path: 7 }, 'Expected `path` to be a string, got 7'],
    [{ expires: 'tomorrow' }, 'Expected `expires` to be milliseconds since 1970, got "tomorrow"'],
    [{ expires: NaN }, 'Expected `expires` to be milliseconds since 1970, got NaN'],
    [{ secure: 'yes' }, 'Expected `secure` to be true or false, got "yes"'],
  ])('refuses a cookie with %j', (options, message) => {
    expect(() => new CookieJar().set('a', '1', options as never)).toThrow(message)
  })

  test('refuses a header that is not in an array', () => {
    for (const header of ['a=1', [7]]) {
      expect(() => new CookieJar().extract(header as never, new URL('http://x.org/'))).toThrow('Expected `setCookies`')
    }
  })
})
