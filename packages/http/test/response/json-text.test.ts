import { describe, expect, test } from 'vitest'
import { jsonErrorPosition, jsonText } from '../../src/response/json-text.ts'

const utf32 = (text: string, littleEndian: boolean): Uint8Array => {
  const view = new DataView(new ArrayBuffer(text.length * 4))
  for (const [index, character] of [...text].entries())
    view.setUint32(index * 4, character.codePointAt(0)!, littleEndian)
  return new Uint8Array(view.buffer)
}

describe('the text of JSON', () => {
  test.each([
    ['UTF-8', Buffer.from('{"é":1}')],
    ['UTF-16, little-endian', Buffer.from('{"é":1}', 'utf16le')],
    ['UTF-16, big-endian', Buffer.from('{"é":1}', 'utf16le').swap16()],
    ['UTF-16 with a mark', Buffer.from('\uFEFF{"é":1}', 'utf16le')],
    ['UTF-32, little-endian', utf32('{"é":1}', true)],
    ['UTF-32, big-endian', utf32('{"é":1}', false)],
    ['UTF-32 with a mark', utf32('\uFEFF{"é":1}', true)],
    ['UTF-32 with a mark, big-endian', utf32('\uFEFF{"é":1}', false)],
    ['windows-1252', Buffer.from('{"é":1}', 'latin1')],
  ])('is decoded from %s', (_name, bytes) => {
    expect(JSON.parse(jsonText(bytes).replace(/^\uFEFF/, ''))).toEqual({ é: 1 })
  })

  test.each([
    ['1', 'utf16le'],
    ['""', 'utf16le'],
    ['"Ā"', 'utf16le'],
    ['1', 'utf8'],
    ['', 'utf8'],
  ] as const)('is found however short: %j in %s', (text, encoding) => {
    expect(jsonText(Buffer.from(text, encoding))).toBe(text)
  })
})

describe('the position where JSON becomes invalid', () => {
  test.each([
    ['', 0],
    ['hello', 0],
    [' nope', 1],
    ['{"a": }', 6],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ['{"a": 1', 7],
    ['{"a": 1,}', 8],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['["a\nb"]', 1],
    ['["\\x"]', 1],
    ['{} {}', 3],
    ['{"a": [1, {}], "b": {"c": []}} x', 31],
    ['[[1], [2]]]', 10],
    ['{"a": {"b": 1}, 2}', 16],
    ['01', 1],
    ['[tru]', 1],
    ['[[[{"a": [1, {"b": nul}]}]]]', 19],
    ["{'a': 1}", 1],
  ])('is reported: %j', (text, position) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(jsonErrorPosition(text)).toBe(position)
  })

  test('is found in long and deep texts', () => {
    expect(jsonErrorPosition(`"${'x\\n'.repeat(500_000)}" x`)).toBe(1_500_003)
    expect(jsonErrorPosition(`${'['.repeat(100_000)}x`)).toBe(100_000)
    expect(jsonErrorPosition(`["${'\\n'.repeat(5_000_000)}`)).toBe(1)
  })
})
