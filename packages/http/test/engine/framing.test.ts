import { describe, expect, test } from 'vitest'
import { framingOf, type HeaderPart } from '../../src/engine/framing.ts'

const LINES = [
  'CONTENT-Length',
  '1024',
  'Content-Type',
  'text/html',
  'LOCATION',
  '/a',
  'Set-COOKIE',
  'a=b',
  'set-cookie',
  'c=d',
]

const FORMS: readonly (readonly [form: string, made: (part: string) => HeaderPart])[] = [
  ['text', (part) => part],
  ['bytes', (part) => Buffer.from(part, 'latin1')],
]

describe.each(FORMS)('framingOf finds in headers that are %s', (_, made) => {
  const framing = (...lines: string[]) => framingOf(lines.map((part) => made(part)))

  test('the headers that matter, in any case', () => {
    expect(framing(...LINES, 'Content-Encoding', 'gzip', 'content-encoding', 'br')).toEqual({
      location: '/a',
      contentLength: 1024,
      contentEncoding: 'gzip, br',
      setCookies: ['a=b', 'c=d'],
    })
  })

  test('the longest location possible, in linear time', () => {
    const location = `/a${' '.repeat(60_000)}b`
    const start = performance.now()
    expect(framing('Location', location).location).toBe(location)
    if (made('a') !== 'a') expect(framing('Location', `${location} \t`).location).toBe(location)
    expect(performance.now() - start).toBeLessThan(2_000)
  })

  test('nothing in other names of the same length', () => {
    expect(framing('content-lengte', '1', 'locatioN2', 'x', 'content-encodind', 'gzip', 'set_cookie', 'a=b')).toEqual({
      location: undefined,
      contentLength: undefined,
      contentEncoding: undefined,
      setCookies: [],
    })
  })

  test.each([
    ['0', 0],
    ['007', 7],
    ['12 \t', 12],
    ['999999999999999', 999_999_999_999_999],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['12a', Number.NaN],
  ])('the length %j', (value, length) => {
    expect(framing('Content-Length', value).contentLength).toBe(length)
  })
})
