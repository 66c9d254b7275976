import { describe, expect, test } from 'vitest'
import { countCharacters, findCodec } from '../../src/file/text-codec.ts'

describe('an encoding', () => {
  test.each([
    ['utf-8 UTF-8 utf8 UTF_8', '\u00e9', 'c3a9'],
    ['ascii ASCII us-ascii US_ASCII', '\x7f', '7f'],
    ['latin-1 latin1 Latin_1 iso-8859-1 ISO8859_1 iso_8859_1', '\u00e9', 'e9'],
    ['utf-16-le UTF-16LE utf_16_le utf16le', '\u00e9', 'e900'],
    ['utf-16-be UTF-16BE utf_16_be utf16be', '\u00e9', '00e9'],
    ['utf-16 UTF16 utf_16', '\u00e9', 'e900'],
    ['utf-8-sig UTF-8-SIG utf_8_sig', '\u00e9', 'efbbbfc3a9'],
  ])('may be called %s', (names, text, hex) => {
    for (const name of names.split(' ')) {
      const codec = findCodec(name, 'strict')
      expect(codec.encode(text).toString('hex')).toBe(hex)
      expect(codec.decode(Buffer.from(hex, 'hex'), true)).toBe(text)
    }
  })

  test.each(['utf-32', 'utf-88', 'xutf-8', 'asciis', 'xascii', 'latin-12', 'iso-8859-15', 'utf-16le-x', ''])(
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

  test('writes or drops one byte order mark if its name says so', () => {
    const sig = findCodec('utf-8-sig', 'strict')
    const written = Buffer.concat([sig.encode('\ufeff'), sig.encode('a')])
    expect(written.toString('hex')).toBe('efbbbfefbbbf61')
    expect(findCodec('utf-8-sig', 'strict').decode(written, true)).toBe('\ufeffa')
    for (const [name, hex] of [
      ['utf-8-sig', 'efbbbf61'],
      ['utf-16', 'fffe6100'],
    ] as const) {
      const codec = findCodec(name, 'strict')
      const pieces = [...Buffer.from(hex, 'hex')].map((byte) => codec.decode(Buffer.of(byte), false))
      expect(pieces.join('') + codec.decode(Buffer.alloc(0), true)).toBe('a')
    }
    expect(findCodec('utf-8-sig', 'strict').decode(Buffer.from('a'), true)).toBe('a')
    expect(findCodec('utf-8-sig', 'ignore').decode(Buffer.from('ffefbbbf61', 'hex'), true)).toBe('\ufeffa')
    expect(findCodec('utf-16', 'strict').decode(Buffer.from('feff0061', 'hex'), true)).toBe('a')
    expect(findCodec('utf-16', 'strict').decode(Buffer.from('6100', 'hex'), true)).toBe('a')
    expect(findCodec('utf-16-be', 'strict').decode(Buffer.from('feff0061', 'hex'), true)).toBe('\ufeffa')
  })

  test.each([
    ['utf-8', '\u00e9\ufffd\u{1d11e}\n', 'strict'],
    ['utf-8', '\ufffd\u00e9\ufffd\u{1d11e}\n', 'ignore'],
    ['utf-8-sig', '\ufffd\u{1d11e}\ufffd\ufeff', 'ignore'],
    ['utf-16', '\u{1d11e}\ufffd\u{1d11e}\n', 'ignore'],
    ['utf-16-be', '\u{1d11e}\ufffd\u{1d11e}\n', 'strict'],
  ] as const)('%s decodes %j, split anywhere, treating errors as %s', (name, text, errors) => {
    const bytes = findCodec(name, 'strict').encode(text)
    for (let size = 1; size <= bytes.length; size += 1) {
      const codec = findCodec(name, errors)
      let decoded = ''
      for (let at = 0; at < bytes.length; at += size) decoded += codec.decode(bytes.subarray(at, at + size), false)
      expect(decoded).toBe(text)
      expect(codec.decode(Buffer.alloc(0), true)).toBe('')
    }
  })

  test.each([
    ['utf-8', 'efbfbdff61e282efbfbdc3', '\ufffda\ufffd', '\ufffd\ufffda\ufffd\ufffd\ufffd'],
    ['utf-16', 'fffefdff34d861001edd00', '\ufffda', '\ufffd\ufffda\ufffd\ufffd'],
    ['utf-16-be', 'd834', '', '\ufffd'],
    ['utf-16-be', 'd834d8', '', '\ufffd'],
  ])('%s drops, replaces or rejects what is malformed, but keeps U+FFFD', (name, hex, ignored, replaced) => {
    const bytes = Buffer.from(hex, 'hex')
    expect(findCodec(name, 'ignore').decode(bytes, true)).toBe(ignored)
    expect(findCodec(name, 'replace').decode(bytes, true)).toBe(replaced)
    expect(() => findCodec(name, 'strict').decode(bytes, true)).toThrow(`'${name.replace('-be', 'be')}' codec can't`)
    const codec = findCodec(name, 'ignore')
    const pieces = [...bytes].map((byte) => codec.decode(Buffer.of(byte), false))
    expect(pieces.join('') + codec.decode(Buffer.alloc(0), true)).toBe(ignored)
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
