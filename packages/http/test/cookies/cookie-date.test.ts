import { expect, test } from 'vitest'
import { parseCookieDate } from '../../src/cookies/cookie-date.ts'

test.each([
  'Wed, 09 Jun 2027 10:18:14 GMT',
  'Wednesday, 09-Jun-27 10:18:14 GMT',
  'Wed Jun  9 10:18:14 2027',
  '10:18:14 9 JUNE 2027',
  'jun 9 27 10:18:14',
  'Wed, 09-Jun-2027 10:18:14 +0100',
])('parses %j like browsers', (text) => {
  expect(parseCookieDate(text)).toBe(Date.UTC(2027, 5, 9, 10, 18, 14))
})

test('completes two-digit years', () => {
  expect(parseCookieDate('1 Jan 70 00:00:00')).toBe(0)
  expect(parseCookieDate('1 Jan 69 00:00:00')).toBe(Date.UTC(2069, 0, 1))
})

test('takes the first and the last second of a day', () => {
  expect(parseCookieDate('9 Jun 2027 00:00:00')).toBe(Date.UTC(2027, 5, 9))
  expect(parseCookieDate('9 Jun 2027 23:59:59')).toBe(Date.UTC(2027, 5, 9, 23, 59, 59))
})

test.each([
  '',
  'tomorrow',
  '2027-06-09',
  '9 Jun 2027',
  '31 Feb 2027 00:00:00',
  '9 Jun 2027 24:00:00',
  '9 Jun 2027 23:60:00',
  '9 Jun 2027 23:00:60',
  '9 Jun 100 23:00:00',
  '9 Jun 199 23:00:00',
  '9 Jun 1600 00:00:00',
  '0 Jan 2027 00:00:00',
])('returns undefined for %j', (text) => {
  expect(parseCookieDate(text)).toBeUndefined()
})
