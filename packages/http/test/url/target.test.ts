import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { prepareUrl } from '../../src/url/prepare-url.ts'
import { Target } from '../../src/url/target.ts'

const ORIGIN = 'http://known.example:8080'
const piece = fc.constantFrom(
  'a',
  'B',
  '.',
  '..',
  '/',
  '//',
  '?',
  '&',
  '=',
  "'",
  '%41',
  '%',
  '#',
  '~',
  '*',
  '@',
  'é',
  ' ',
)

describe('a URL with a known origin', () => {
  test.each([
    ['/', '/'],
    ['/a.b/c..?x=/..&y', '/a.b/c..?x=/..&y'],
    ['//a//b', '//a//b'],
    ['/a/../b/./c', '/b/c'],
    ['/..', '/'],
    ["/a'b?it's", "/a'b?it%27s"],
    ['/a?', '/a'],
    ['/a b%7e', '/a%20b~'],
    ['?x', '/?x'],
    ['', '/'],
  ])('%s has the path %s', (given, path) => {
    prepareUrl(`${ORIGIN}/`)
    const { target } = prepareUrl(ORIGIN + given)
    expect(target.path).toBe(path)
    expect(target.href).toBe(target.url.href)
    expect(target.url.pathname + target.url.search).toBe(path)
  })

  test('is the same as when parsed, whatever follows the host', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const tail = `/${pieces.join('')}`
        prepareUrl(`${ORIGIN}/`)
        const { target } = prepareUrl(ORIGIN + tail)
        const first = prepareUrl(`http://user@known.example:8080${tail}`)
        expect(target.href).toBe(first.target.href)
        expect(target.href).toBe(new URL(target.href).href)
        expect(target.path).toBe(target.url.pathname + target.url.search)
      }),
    )
  })

  test('is normalised, however the host was written', () => {
    const written = 'HTTP://Known.EXAMPLE:80'
    expect(prepareUrl(`${written}/first`).target.href).toBe('http://known.example/first')
    expect(prepareUrl(`${written}/second`).target.href).toBe('http://known.example/second')
    expect(prepareUrl(`${written}/third`).target.origin.href).toBe('http://known.example/')
  })

  test('is not confused with one that only begins like it', () => {
    prepareUrl('http://known.example/')
    expect(prepareUrl('http://known.example.org/a').target.origin.host).toBe('known.example.org')
    expect(prepareUrl('http://known.example@other.example/a').target.origin.host).toBe('other.example')
  })
})

describe('Target', () => {
  test('has its own URL, independent of another target of the same URL', () => {
    prepareUrl('http://known.example/')
    const urls = [1, 2, 3].map(() => prepareUrl('http://known.example/a?b').url)
    urls[0]!.hash = 'changed'
    urls[1]!.search = ''
    expect(urls[2]!.href).toBe('http://known.example/a?b')
    expect(prepareUrl('http://known.example/a?b').url.href).toBe('http://known.example/a?b')
  })

  test('shares its origin with others, but not its URL', () => {
    const one = prepareUrl('http://known.example/a').target
    const other = Target.of(new URL('http://known.example/a'))
    expect(other.origin).toBe(one.origin)
    expect(other.url).not.toBe(one.url)
    expect(one.origin.href).toBe('http://known.example/')
  })
})
