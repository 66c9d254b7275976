import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkedReader } from '../../src/native/chunked-reader.ts'
import { MalformedMessage } from '../../src/native/malformed-message.ts'

type Outcome = { readonly body: string; readonly state: 'done' | 'open' | 'refused'; readonly rest?: number }

/** The result of reading bytes received in these pieces. */
function read(pieces: readonly Buffer[]): Outcome {
  const reader = new ChunkedReader()
  let body = ''
  const target = { push: (bytes: Uint8Array) => (body += Buffer.from(bytes).toString('latin1')) }
  let left = pieces.reduce((sum, { length }) => sum + length, 0)
  try {
    for (const piece of pieces) {
      const end = reader.read(piece, 0, target)
      left -= end
      if (reader.isDone) return { body, state: 'done', rest: left }
      if (end !== piece.length) throw new RangeError(`Expected ${piece.length} bytes to be read, got ${end}`)
    }
  } catch (error) {
    if (!(error instanceof MalformedMessage)) throw error
    return { body, state: 'refused' }
  }
  return { body, state: 'open' }
}

const bytesOf = (text: string) => Buffer.from(text, 'latin1')
const readWhole = (text: string) => read([bytesOf(text)])

const END = '\r\nok\r\n0\r\n\r\n'
const SOUND: readonly (readonly [text: string, body: string])[] = [
  [`2${END}`, 'ok'],
  ['0\r\n\r\n', ''],
  ['1\r\na\r\n2\r\nbc\r\nA\r\n0123456789\r\n00\r\n\r\n', 'abc0123456789'],
  [`0000000000000000000000000002${END}`, 'ok'],
  [`2;a${END}`, 'ok'],
  [`2;a=b;c="d \\"; \xe9";e${END}`, 'ok'],
  [`2;a=${END}`, 'ok'],
  [`2;=b${END}`, 'ok'],
  [`2;a=b"c"${END}`, 'ok'],
  ['2\r\nok\r\n0;x=y\r\n\r\n', 'ok'],
  ['2\r\nok\r\n0\r\nTrailer: x\r\nOther:\r\n\r\n', 'ok'],
]
const UNSOUND: readonly string[] = [
  `g${END}`,
  `${END}`,
  ` 2${END}`,
  `2 ${END}`,
  `2\t${END}`,
  `0x2${END}`,
  `+2${END}`,
  `-2${END}`,
  `fffffffffffffffff${END}`,
  '2\nok\r\n0\r\n\r\n',
  '2\rxok\r\n0\r\n\r\n',
  '2\r\nok0\r\n\r\n',
  '2\r\nok\n0\r\n\r\n',
  '2\r\nok\rx0\r\n\r\n',
  '2\r\nok\r\n0\n\n',
  '2\r\nok\r\n0\r\n\n',
  '2\r\nok\r\n0\r\n\rx',
  `2 ;a${END}`,
  `2; a${END}`,
  `2;${END}`,
  `2;;${END}`,
  `2;a${END.replace('\r\n', '\n')}`,
  `2;a\x01${END}`,
  `2;a="\x01"${END}`,
  `2;a="\\\x01"${END}`,
  `2;a="b"c${END}`,
  `2;a="b${END}`,
  `2;a,b${END}`,
  `2;a=b c${END}`,
  `2;\xe9${END}`,
  '2\r\nok\r\n0\r\nTrailer: x\r\n folded\r\n\r\n',
  '2\r\nok\r\n0\r\nTrailer x\r\n\r\n',
  '2\r\nok\r\n0\r\nTrailer : x\r\n\r\n',
  '2\r\nok\r\n0\r\nTrailer: \x01\r\n\r\n',
  '2\r\nok\r\n0\r\nTrailer: x\n\r\n',
]

describe('a chunked body', () => {
  test.each(SOUND)('is read: %j', (text, body) => {
    expect(readWhole(`${text}more`)).toEqual({ body, state: 'done', rest: 4 })
  })

  test.each(UNSOUND)('is rejected: %j', (text) => {
    expect(readWhole(text).state).toBe('refused')
  })

  test.each([...SOUND.map(([text]) => `${text}more`), ...UNSOUND])('reads the same, split anywhere: %j', (text) => {
    const whole = readWhole(text)
    for (let at = 0; at <= text.length; at += 1) {
      expect(read([bytesOf(text.slice(0, at)), bytesOf(text.slice(at))])).toEqual(whole)
    }
    expect(read([...bytesOf(text)].map((byte) => Buffer.of(byte)))).toEqual(whole)
  })

  test('yields the valid data before it is rejected', () => {
    expect(readWhole('2\r\nok\r\n2\r\nokx')).toEqual({ body: 'okok', state: 'refused' })
  })

  test('is not done before its end', () => {
    const [text] = SOUND.at(-1)!
    for (let length = 0; length < text.length; length += 1) expect(readWhole(text.slice(0, length)).state).toBe('open')
  })

  test('is passed on in one piece for all chunks received together', () => {
    const pieces: number[] = []
    new ChunkedReader().read(bytesOf('1\r\na\r\n'.repeat(1000)), 0, { push: ({ length }) => pieces.push(length) })
    expect(pieces).toEqual([1000])
  })

  test('may have extensions of 16 KiB a chunk and trailers of 64 KiB', () => {
    const extended = (size: number) => `2;a=${'x'.repeat(size)}${END}`
    expect(readWhole(extended(16_000)).state).toBe('done')
    expect(readWhole(extended(16_400)).state).toBe('refused')
    expect(readWhole(`${'1;a=bcdefghijk\r\no\r\n'.repeat(3000)}0\r\n\r\n`).state).toBe('done')
    const trailed = (size: number) => `2\r\nok\r\n0\r\nA: ${'x'.repeat(size)}\r\n\r\n`
    expect(readWhole(trailed(65_000)).state).toBe('done')
    expect(readWhole(trailed(66_000)).state).toBe('refused')
  })

  test('reads the same however it is framed and split', () => {
    const chunk = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.constantFrom('', ';a', ';b="c"', ';d=e'))
    const places = fc.array(fc.nat(), { maxLength: 20 })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 8 }), places, fc.boolean(), (chunks, cuts, breaks) => {
        const parts = chunks.map(([bytes, extension]) =>
          Buffer.concat([bytesOf(`${bytes.length.toString(16)}${extension}\r\n`), bytes, bytesOf('\r\n')]),
        )
        const text = Buffer.concat([...parts, bytesOf(breaks ? 'x' : '0\r\nA: b\r\n\r\n')])
        const offsets = [0, ...cuts.map((place) => place % text.length).sort((a, b) => a - b), text.length]
        const pieces = offsets.slice(1).map((place, index) => Buffer.from(text.subarray(offsets[index], place)))
        const body = Buffer.concat(chunks.map(([bytes]) => bytes)).toString('latin1')
        expect(read(pieces)).toEqual(breaks ? { body, state: 'refused' } : { body, state: 'done', rest: 0 })
      }),
      { numRuns: 2000 },
    )
  })
})
