import { describe, expect, test } from 'vitest'
import {
  apparentEncoding,
  CookieJar,
  canonicalUrl,
  codecName,
  crawl,
  decode,
  detectEncoding,
  extractLinks,
  getEncodingsFromContent,
  InvalidURL,
  incrementalDecoder,
  isPublicAddress,
  MemoryFrontier,
  map,
  PublicAddressGuard,
  parseHeaderLinks,
  Robots,
  Session,
  sniffEncoding,
} from '../src/index.ts'

const nothing = undefined as never
const text = 'text' as never

describe('a required argument', () => {
  test.each([
    ['encoding', () => codecName(nothing)],
    ['encoding', () => incrementalDecoder(5 as never)],
    ['header', () => parseHeaderLinks(nothing)],
    ['html', () => extractLinks(nothing, 'http://host/')],
    ['content', () => getEncodingsFromContent(nothing)],
    ['address', () => isPublicAddress(nothing)],
    ['contentType', () => sniffEncoding(new Uint8Array(), 5 as never)],
    ['userAgent', () => Robots.parse('').allows('/', nothing)],
    ['url', () => new Session().getAdapter(nothing)],
    ['domain', () => new CookieJar().get('name', { domain: 5 as never })],
    ['domain', () => new CookieJar().set('name', 'value', { domain: 5 as never })],
  ])('must be a string, or the error names `%s`', (name, call) => {
    expect(call).toThrow(new RegExp(`^Expected \`${name}\` to be a string, got (undefined|5)$`))
  })

  test.each([apparentEncoding, detectEncoding, sniffEncoding, (bytes: Uint8Array) => decode(bytes, 'utf-8')])(
    'is bytes for %o, or the error names them',
    (call) => {
      expect(() => call(text)).toThrow('Expected `bytes` to be a Uint8Array, got "text"')
    },
  )
})

test.each([
  ['headerFor', (url: string) => new CookieJar({ a: '1' }).headerFor(url)],
  ['extract', (url: string) => new CookieJar().extract([], url)],
  ['check', (url: string) => new PublicAddressGuard({ allow: ['127.0.0.1'] }).check(url)],
])('%s takes a URL as text or as an object', (_name, call) => {
  expect(call('http://127.0.0.1/')).toEqual(call(new URL('http://127.0.0.1/') as never))
  expect(() => call(7 as never)).toThrow(TypeError('Expected `url` to be a string or a URL, got 7'))
  expect(() => call('//127.0.0.1/')).toThrow('Expected `url` to be an absolute URL, got "//127.0.0.1/"')
  expect(() => call('/path')).toThrow(InvalidURL)
  expect(() => call('http://me:secret@[/')).toThrow(/^Expected `url` to be an absolute URL, got ((?!secret).)*$/)
})

test('crawl and map refuse an invalid session before they begin', async () => {
  const session = { headers: {} } as never
  const handle = () => {}
  expect(() => crawl({ seeds: [], handle, session })).toThrow('Expected `session` to be a Session, got an object')
  expect(() => map([], { session })).toThrow('Expected `session` to be a Session, got an object')
  expect(await map([], { session: null as never })).toEqual([])
  expect((await crawl({ seeds: [], handle, session: null as never })).pages).toBe(0)
})

test('`null` means no options, like Python’s None', () => {
  const none = null as never
  const jar = new CookieJar({ a: '1' }, none)
  jar.set('b', '2', none)
  expect([jar.get('a', none), jar.has('b', none), jar.toObject(none)]).toEqual(['1', true, { a: '1', b: '2' }])
  expect(jar.headerFor(new URL('http://host/'), none)).toBe('a=1; b=2')
  expect(jar.delete('a', none)).toBe(true)
  jar.clear(none)
  expect(jar.size).toBe(0)
  expect(canonicalUrl('http://host?b&a', none)).toBe('http://host/?a&b')
  expect(extractLinks('<a href=x>', 'http://host/', none)).toHaveLength(1)
  expect(new PublicAddressGuard(none).usesSystem).toBe(true)
  expect([...new MemoryFrontier(none).hosts]).toEqual([])
})
