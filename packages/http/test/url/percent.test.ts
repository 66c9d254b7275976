import fc from 'fast-check'
import { expect, test } from 'vitest'
import { percentDecode, percentEncode, requote } from '../../src/url/percent.ts'

test('requote leaves what it made as it is, whatever it was', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => requote(requote(text)) === requote(text)))
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('%', '2', 'f', 'A', 'é', ' ') }),
      (text) => requote(requote(text)) === requote(text),
    ),
  )
})

test('requote escapes as UTF-8 what must be, and what is no escape; half a character becomes the sign for one', () => {
  expect(requote('%%4g%é \ud800"%41%e9')).toBe('%25%254g%25%C3%A9%20%EF%BF%BD%22A%E9')
  expect(requote('é'.repeat(200_000))).toBe('%C3%A9'.repeat(200_000))
})

test('percentDecode undoes percentEncode', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => percentDecode(percentEncode(Buffer.from(text))) === text),
  )
})

test('percentDecode takes bytes that are no UTF-8 for Latin-1, and leaves what is no escape', () => {
  expect(percentDecode('%E9%zz%')).toBe('é%zz%')
})
