import { expect, test } from 'vitest'
import { parseHttpDate } from '../../src/headers/http-date.ts'

const TIME = Date.UTC(1994, 10, 6, 8, 49, 37)

test.each([
  'Sun, 06 Nov 1994 08:49:37 GMT',
  'Sunday, 06-Nov-94 08:49:37 GMT',
  'Sun Nov  6 08:49:37 1994',
  ' sun, 06 NOV 1994 08:49:37 UTC ',
  'Sun, 6 Nov 1994 08:49:37 UTC',
  '6 Nov 1994 08:49:37',
  'Sunday, 06-Nov-1994 08:49:37 GMT',
  'Sun, 06 Nov 1994 10:49:37 +0200',
  'Sun, 06 Nov 1994 03:19:37 -0530',
  'Sun Nov 6 08:49:37 1994',
])('parses %j', (text) => {
  expect(parseHttpDate(text)).toBe(TIME)
})

test('completes a two-digit year to at most 50 years ahead', () => {
  const now = Date.UTC(2026, 0, 1)
  expect(new Date(parseHttpDate('Sunday, 06-Nov-76 08:49:37 GMT', now)!).getUTCFullYear()).toBe(2076)
  expect(new Date(parseHttpDate('Sunday, 06-Nov-77 08:49:37 GMT', now)!).getUTCFullYear()).toBe(1977)
})

test('parses a leap second as the second before', () => {
  expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2016, 11, 31, 23, 59, 59))
})

test.each([
  '',
  '0',
  'tomorrow',
  'Sun, 06 Nov 1994',
  'Sun, 31 Feb 2026 00:00:00 GMT',
  'Sun, 06 Nov 1994 24:00:00 GMT',
  'Sun, 06 Nov 1994 08:60:00 GMT',
  'Sun, 06 Nov 1994 08:49:61 GMT',
  'Sun, 06 Nov 1994 08:49:37 GMT+1',
  'Sun, 06-Nov-94 08:49:37 GMT+1',
  'Sun, 06 Foo 1994 08:49:37 GMT',
  '2026-01-01T00:00:00Z',
])('returns undefined for %j', (text) => {
  expect(parseHttpDate(text)).toBeUndefined()
})
