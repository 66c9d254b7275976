import { describe, expect, test } from 'vitest'
import { countCharacters, findCodec } from '../../src/file/text-codec.ts'

describe('an encoding', () => {
  test.each([
    ['utf-8 UTF-8 utf8 UTF_8', '\u00e9', 'c3a9'],
    ['ascii ASCII us-ascii US_ASCII', '\x7f', '7f'],
    ['latin-1 latin1 Latin_1 iso-8859-1 ISO8859_1 iso_8859_1', '\u00e9', 'e9'],
    ['utf-16-le UTF-16LE utf_16_le utf16le', '\u00e9', 'e900'],
  ])('may be called %s', (names, text, hex) => {
    for (const name of names.split(' ')) {
      const codec = findCodec(name, 'strict')
      expect(codec.encode(text).toString('hex')).toBe(hex)
      expect(codec.decode(Buffer.from(hex, 'hex'), true)).toBe(text)
    }
  })

  test.each(['utf-16', 'utf-88', 'xutf-8', 'asciis', 'xascii', 'latin-12', 'iso-8859-15', 'utf-16le-x', ''])(
    'cannot be %j',
    (name) => {
      expect(() => findCodec(name, 'strict')).toThrow(new RangeError(`unknown encoding: ${name}`))
    },
  )

  test('covers the characters up to its last one', () => {
    expect(() => findCodec('ascii', 'strict').encode('a\x80')).toThrow(
      "'ascii' codec can't encode \"\x80\" at position 1",
    )
    expect(() => findCodec('ascii', 'strict').decode(Buffer.from([97, 0x80]), true)).toThrow("can't decode")
    expect(findCodec('ascii', 'replace').decode(Buffer.from([97, 0x80]), true)).toBe('a\ufffd')
    expect(findCodec('latin-1', 'strict').encode('\xff').toString('hex')).toBe('ff')
    expect(() => findCodec('latin-1', 'strict').encode('\u0100')).toThrow("'latin-1' codec can't encode")
    expect(findCodec('latin-1', 'replace').encode('\u0100\u{1d11e}x').toString()).toBe('??x')
    expect(findCodec('ascii', 'ignore').encode('\u00e9\u{10ffff}x').toString()).toBe('x')
    expect(() => findCodec('utf-8', 'strict').encode('\ud800')).toThrow("'utf-8' codec can't encode")
  })

  test('keeps a byte order mark, as in Python', () => {
    expect(findCodec('utf-8', 'strict').decode(Buffer.from('efbbbf61', 'hex'), true)).toBe('\ufeffa')
    expect(findCodec('utf-16-le', 'strict').decode(Buffer.from('fffe6100', 'hex'), true)).toBe('\ufeffa')
  })
})

test('characters are counted as in Python: a surrogate pair is one, and so is a lone surrogate', () => {
  for (const [text, count] of [
    ['', 0],
    ['a\u20ac', 2],
    ['\u{1d11e}\u{1d11e}', 2],
    ['\ud834x\udd1e', 3],
  ] as const)
    expect(countCharacters(text)).toBe(count)
})
