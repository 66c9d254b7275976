import { expect, test } from 'vitest'
import { wholeTextLength, widthOf } from '../../src/subprocess/whole-text.ts'

test('text in pieces equals the whole text, wherever it is split', () => {
  const text = 'aé€😀\r\nb\rc\r\r\n\u0000z'
  for (const encoding of ['utf8', 'utf16le', 'latin1'] as const) {
    const bytes = Buffer.from(text, encoding)
    const expected = bytes.toString(encoding).replace(/\r\n?/g, '\n')
    for (let step = 1; step <= 5; step += 1) {
      let read = ''
      let held = Buffer.alloc(0)
      for (let at = 0; at < bytes.length; at += step) {
        held = Buffer.concat([held, bytes.subarray(at, at + step)])
        const size = wholeTextLength(held, held.length, widthOf(encoding), at + step >= bytes.length)
        read += held.toString(encoding, 0, size).replace(/\r\n?/g, '\n')
        held = held.subarray(size)
      }
      expect([encoding, step, read]).toEqual([encoding, step, expected])
    }
  }
})

test('malformed bytes are passed on', () => {
  expect(wholeTextLength(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80]), 5, 'utf8', false)).toBe(5)
  expect(wholeTextLength(Buffer.from([0x61, 0xff]), 2, 'utf8', true)).toBe(2)
})
