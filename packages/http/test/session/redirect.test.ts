import { expect, test } from 'vitest'
import { keepsSecrets } from '../../src/session/redirect.ts'

test.each([
  ['http://example.com/a', 'http://example.com/b', true],
  ['http://example.com:8080/', 'http://example.com:8080/', true],
  ['http://example.com/', 'http://example.com:80/', true],
  ['http://example.com/', 'https://example.com/', true],
  ['https://example.com/', 'http://example.com/', false],
  ['http://example.com:8080/', 'https://example.com/', false],
  ['http://example.com/', 'https://example.com:8443/', false],
  ['http://example.com:8443/', 'https://example.com:8443/', false],
  ['http://example.com/', 'http://example.com:8080/', false],
  ['https://example.com/', 'https://example.com:8443/', false],
  ['https://example.com/', 'https://www.example.com/', false],
  ['http://example.com/', 'https://example.org/', false],
])('a redirect from %s to %s keeps secrets: %s', (from, to, keeps) => {
  expect(keepsSecrets(new URL(from), new URL(to))).toBe(keeps)
})
