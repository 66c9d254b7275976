import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentDecode, percentEncode, requote } from '../../src/url/percent.ts'

test('requote is idempotent for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => requote(requote(text)) === requote(text)))
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', '2', 'f', 'A', 'é', ' ') }),
      (text) => requote(requote(text)) === requote(text),
    ),
  )
})

test('requote escapes as UTF-8 what must be escaped, including invalid escapes; a lone surrogate becomes U+FFFD', () => {
  expect(requote('%%4g%é \ud800"%41%e9')).toBe('%25%254g%25%C3%A9%20%EF%BF%BD%22A%E9')
  expect(requote('é'.repeat(200_000))).toBe('%C3%A9'.repeat(200_000))
})

test('percentDecode is the inverse of percentEncode', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => percentDecode(percentEncode(Buffer.from(text))) === text),
  )
})

test('percentDecode decodes invalid UTF-8 as Latin-1, and keeps invalid escapes', () => {
  expect(percentDecode('%E9%zz%')).toBe('é%zz%')
})
