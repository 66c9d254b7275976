import { expect, test } from 'vitest'
import { canonicalUrl } from '../../src/url/canonical-url.ts'

test.each([
  ['HTTP://Example.COM:80', 'http://example.com/'],
  ['https://example.com:443/a#top', 'https://example.com/a'],
  ['http://example.com:443/', 'http://example.com:443/'],
  ['http://u:p@example.com/%7Ea/./b/../c%2f', 'http://example.com/~a/c%2F'],
  ['http://example.com/?b=2&a=1&b=1', 'http://example.com/?a=1&b=2&b=1'],
  ['http://example.com/?', 'http://example.com/'],
  ['http://example.com/?&', 'http://example.com/'],
  ['http://example.com/b&a', 'http://example.com/b&a'],
  ['http://example.com/A', 'http://example.com/A'],
])('canonicalUrl turns %s into %s, idempotently', (given, expected) => {
  expect(canonicalUrl(given)).toBe(expected)
  expect(canonicalUrl(expected)).toBe(expected)
})

test('canonicalUrl keeps the order of parameters on request', () => {
  expect(canonicalUrl('http://x/?b=2&a=1', { queryOrder: 'keep' })).toBe('http://x/?b=2&a=1')
})

test('refuses an unknown order of parameters', () => {
  expect(() => canonicalUrl('http://a/', { queryOrder: 'none' as never })).toThrow(
    `Expected \`queryOrder\` to be 'sort' or 'keep', got "none"`,
  )
})
