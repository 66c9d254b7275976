import { describe, expect, test } from 'vitest'
import { InvalidSchema } from '../../src/errors/invalid-schema.ts'
import { InvalidURL } from '../../src/errors/invalid-url.ts'
import { MissingSchema } from '../../src/errors/missing-schema.ts'
import { RequestException } from '../../src/errors/request-exception.ts'
import { prepareUrl, withoutUserinfo } from '../../src/url/prepare-url.ts'

const href = (url: string | URL, params?: Parameters<typeof prepareUrl>[1]) => prepareUrl(url, params).url.href

describe('prepareUrl escapes', () => {
  test.each([
    ['http://example.com', 'http://example.com/'],
    ['HTTP://EXAMPLE.com:80/A', 'http://example.com/A'],
    ['https://example.com:443/', 'https://example.com/'],
    [' http://example.com/\n', 'http://example.com/'],
    ['http://example.com/get/test case', 'http://example.com/get/test%20case'],
    ['http://example.com/get/test%20case', 'http://example.com/get/test%20case'],
    ['http://example.com/a%2fb/%7euser/../c', 'http://example.com/a%2Fb/c'],
    ['http://example.com/fiz?buz=%ppicture', 'http://example.com/fiz?buz=%25ppicture'],
    ['http://example.com/fiz?buz=%25ppicture', 'http://example.com/fiz?buz=%25ppicture'],
    ['http://example.com/100%', 'http://example.com/100%25'],
    ['http://example.com/é%e9日本', 'http://example.com/%C3%A9%E9%E6%97%A5%E6%9C%AC'],
    ['http://example.com/a[b]|c"<>^`{}', 'http://example.com/a%5Bb%5D%7Cc%22%3C%3E%5E%60%7B%7D'],
    ['http://example.com/a\\b', 'http://example.com/a%5Cb'],
    ['http://example.com/a\r\nb', 'http://example.com/a%0D%0Ab'],
    ['http://example.com?x', 'http://example.com/?x'],
    ['http://example.com/?', 'http://example.com/'],
    ["http://example.com/;p=1:2@3!$&'()*+,=", "http://example.com/;p=1:2@3!$&'()*+,="],
    ['http://example.com/a#b c', 'http://example.com/a#b%20c'],
    ['http://straße.de/straße', 'http://xn--strae-oqa.de/stra%C3%9Fe'],
    ['http://例え.テスト/', 'http://xn--r8jz45g.xn--zckzah/'],
    ['http://xn--n3h.net/', 'http://xn--n3h.net/'],
    ['http://a_b.example.com/', 'http://a_b.example.com/'],
    ['http://[1200:0000:ab00:1234:0000:2552:7777:1313]:12345/x', 'http://[1200:0:ab00:1234:0:2552:7777:1313]:12345/x'],
  ])('%j to %j, idempotently', (given, expected) => {
    expect(href(given)).toBe(expected)
    expect(href(expected)).toBe(expected)
    expect(href(new URL(expected))).toBe(expected)
  })
})

describe('prepareUrl appends parameters', () => {
  test.each([
    ['http://x/get?z=1#f', { a: 'b' }, 'http://x/get?z=1&a=b#f'],
    ['http://x/', { z: 1, y: 2, a: ['x', 'y'], b: undefined, c: null, d: [null] }, 'http://x/?z=1&y=2&a=x&a=y'],
    [
      'http://x/',
      [
        ['b', '2'],
        ['a', '1'],
        ['b', '3'],
      ],
      'http://x/?b=2&a=1&b=3',
    ],
    ['http://x/?a', new URLSearchParams('q=a b'), 'http://x/?a&q=a+b'],
    ['http://x/', new Map([['q', 'é&=#+%']]), 'http://x/?q=%C3%A9%26%3D%23%2B%25'],
    ['http://x/', '?raw=a b&c', 'http://x/?raw=a%20b&c'],
    ['http://x/', {}, 'http://x/'],
    ['http://x/', { a: new Uint8Array([0xff, 0x41]), t: true, n: 3n }, 'http://x/?a=%FFA&t=true&n=3'],
    ['http://x/', Buffer.from('?a=b c&d=%20'), 'http://x/?a=b%20c&d=%20'],
  ] as const)('%s + %o', (url, params, expected) => {
    expect(href(url, params as never)).toBe(expected)
  })

  test.each([
    [{ a: { b: 1 } }, '`params.a`'],
    [[['a']], 'pairs'],
    [3, '`params`'],
    [['ab'], 'pairs'],
    [{ a: () => 1 }, '`params.a`'],
    [{ a: Symbol('s') }, '`params.a`'],
    [Promise.resolve({}), '`params`'],
  ])('and refuses %j', (params, words) => {
    expect(() => href('http://x/', params as never)).toThrow(TypeError)
    expect(() => href('http://x/', params as never)).toThrow(words)
  })
})

describe('prepareUrl extracts user name and password', () => {
  test.each([
    ['http://user%25user:pass%23@example.com/a', ['user%user', 'pass#']],
    ['http://user:pass pass@example.com/', ['user', 'pass pass']],
    ['http://user:p:a@s@example.com/', ['user', 'p:a@s']],
    ['http://ünï:%E9@example.com/', ['ünï', 'é']],
    ['http://user@example.com/', ['user', '']],
    ['http://:pass@example.com/', ['', 'pass']],
    ['http://@example.com/', undefined],
    ['http://example.com/@', undefined],
  ])('%s', (given, userinfo) => {
    const prepared = prepareUrl(given)
    expect(prepared.userinfo).toEqual(userinfo)
    expect(prepared.url.username + prepared.url.password).toBe('')
    expect(prepared.url.hostname).toBe('example.com')
  })
})

describe('prepareUrl refuses', () => {
  test.each(['', 'hiwpefhipowhefopw', '//example.com/', 'example.com/a', '/a', '?a:b'])(
    '%j for want of a scheme',
    (url) => {
      expect(() => prepareUrl(url)).toThrow(MissingSchema)
    },
  )

  test.each([
    'ftp://x/',
    'localhost:3128',
    'localhost.localdomain:3128/',
    '10.122.1.1:3128/',
    'mailto:a@b',
    'file:///etc/passwd',
    'javascript:1',
    'httpx://a',
    'http+unix://a',
  ])('%j for its scheme', (url) => {
    expect(() => prepareUrl(url)).toThrow(InvalidSchema)
  })

  test.each([
    'http://example.com:0/',
    'http://',
    'https://?a',
    'http:///example.com',
    'http:/example.com',
    'http:example.com',
    'http://:80/',
    'http://user@/',
    'http://*example.com',
    'http://%2Aexample.com',
    'http://.example.com',
    'http://☃.net/',
    'http://⑨.com',
    'http://a b.com/',
    'http://a\r\nb.com/',
    'http://a.com\\@b.com/',
    'http://[::1',
    'http://a.com:99999/',
    'http://a.com:x/',
    'http://a<b>.com/',
    'http://a..com/',
    `http://${'a'.repeat(64)}.com/`,
  ])('%j for its host', (url) => {
    expect(() => prepareUrl(url)).toThrow(InvalidURL)
    expect(() => prepareUrl(url)).toThrow(RequestException)
    expect(() => prepareUrl(url)).toThrow(RangeError)
  })

  test.each([[3], [undefined], [null], [{}]])('%j, which is not a URL at all', (url) => {
    expect(() => prepareUrl(url as never)).toThrow('Expected `url` to be a string or a URL')
  })

  test.each([
    'http://user:secret@*x/',
    'ftp://user:secret@x/',
    'http://user:secret@a.com:x/',
    'user:secret@host/',
    '//user:secret@host/',
  ])('%j without showing the password', (url) => {
    expect(() => prepareUrl(url)).toThrow(RequestException)
    expect(() => prepareUrl(url)).not.toThrow('secret')
  })
})

test.each([
  ['http://u:p@h/a', 'http://h/a'],
  ['http://u:p@q@h/a@b', 'http://h/a@b'],
  ['http://h/u:p@x', 'http://h/u:p@x'],
  ['u@v@h:80/a', 'h:80/a'],
  ['http://h', 'http://h'],
])('withoutUserinfo turns %s into %s', (url, expected) => {
  expect(withoutUserinfo(url)).toBe(expected)
})
