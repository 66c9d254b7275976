import { describe, expect, test } from 'vitest'
import { decode, incrementalDecoder } from '../../src/encoding/decode.ts'
import { encode } from './encode.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('decode', () => {
  test('windows-1252 has letters and quotes where Latin-1 has controls', () => {
    const upper = Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at)
    const expected = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'
    for (const name of ['windows-1252', 'iso-8859-1', 'latin-1', 'ascii', 'cp1252'])
      expect(decode(upper, name)).toBe(expected)
    expect(decode(bytes(0xe9, 0xff, 0x41), 'latin-1')).toBe('éÿA')
  })

  test('every single-byte encoding keeps ASCII and decodes each byte to one character', () => {
    const all = Uint8Array.from({ length: 256 }, (_, at) => at)
    const names = [1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258, 874].map((page) => `windows-${page}`)
    for (const part of [2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16]) names.push(`iso-8859-${part}`)
    for (const name of [...names, 'koi8-r', 'koi8-u', 'ibm866', 'macintosh', 'x-mac-cyrillic', 'x-user-defined']) {
      const text = decode(all, name)
      expect(text.length, name).toBe(256)
      expect(text.slice(0, 128), name).toBe(String.fromCharCode(...all.subarray(0, 128)))
    }
  })

  test.each([
    ['windows-874', [0xdb, 0xa1], '\uFFFDก'],
    ['windows-1253', [0xaa, 0xe1], '\uFFFDα'],
    ['windows-1255', [0xca, 0xe0], '\u05BAא'],
    ['koi8-u', [0xae, 0xbe, 0xa4], 'ўЎє'],
    ['iso-8859-16', [0xa1, 0xa4, 0xba, 0xfe], 'Ą€șț'],
    ['x-user-defined', [0x80, 0xff], '\uF780\uF7FF'],
    ['macintosh', [0xde, 0xf0], 'ﬁ\uF8FF'],
    ['ibm866', [0x8f, 0x1a, 0x7f], 'П\x1a\x7f'],
  ])('%s is decoded the same on every runtime', (name, given, text) => {
    expect(decode(Uint8Array.from(given), name)).toBe(text)
  })

  test.each([
    ['gb2312', [0xc4, 0xe3, 0xba, 0xc3], '你好'],
    ['gbk', [0x80, 0xc4, 0xe3], '€你'],
    ['big5', [0xa7, 0x41, 0xa6, 0x6e], '你好'],
    ['sjis', [0x82, 0xb1, 0xb1], 'こｱ'],
    ['euc_jp', [0xa4, 0xb3], 'こ'],
    ['iso2022_jp', [0x1b, 0x24, 0x42, 0x24, 0x33, 0x1b, 0x28, 0x42, 0x41], 'こA'],
    ['cp949', [0xb0, 0xa1, 0x81, 0x41], '가갂'],
  ])('%s is known by its Python name', (name, given, text) => {
    expect(decode(Uint8Array.from(given), name)).toBe(text)
  })

  test('an unknown name is taken for UTF-8, with replacement characters', () => {
    expect(decode(bytes(0xc3, 0xa9, 0xff), 'klingon')).toBe('é\uFFFD')
  })

  test('a byte order mark is removed and determines the byte order', () => {
    expect(decode(bytes(0xef, 0xbb, 0xbf, 0x41), 'utf-8')).toBe('A')
    expect(decode(bytes(0xfe, 0xff, 0, 0x41), 'utf-16')).toBe('A')
    expect(decode(bytes(0xff, 0xfe, 0x41, 0), 'utf-16')).toBe('A')
    expect(decode(bytes(0x41, 0), 'utf-16')).toBe('A')
    expect(decode(bytes(0xfe, 0x41), 'utf-16')).toBe('\u41fe')
    expect(decode(bytes(0x41, 0xff), 'utf-16')).toBe('\uff41')
    const decoder = incrementalDecoder('utf-16')
    const pieces = [0xfe, 0xff, 0, 0x41].map((byte) => decoder.decode(bytes(byte), { stream: true }))
    expect(pieces.join('') + decoder.decode()).toBe('A')
    expect(decode(bytes(0xff, 0xfe, 0, 0, 0x41, 0, 0, 0), 'utf-32')).toBe('A')
    expect(decode(bytes(0, 0, 0xfe, 0xff, 0, 1, 0xf6, 0), 'utf-32')).toBe('😀')
  })

  test('UTF-32 replaces invalid and truncated characters', () => {
    expect(decode(bytes(0, 0xd8, 0, 0, 0, 0, 0x11, 0, 0x41, 0), 'utf-32le')).toBe('\uFFFD\uFFFD\uFFFD')
  })

  test('no bytes are the empty string', () => {
    for (const name of ['utf-8', 'gbk', 'latin-1', 'utf-16', 'utf-32', 'klingon'])
      expect(decode(bytes(), name)).toBe('')
  })
})

test('Korean has all of its syllables, in the order of their codes', () => {
  const rows: number[] = []
  for (let lead = 0x81; lead <= 0xc6; lead += 1) {
    for (let trail = 0x41; trail < (lead < 0xa1 ? 0xff : 0xa1); trail += 1) rows.push(lead, trail)
  }
  const added = (decode(Uint8Array.from(rows), 'euc-kr').match(/[가-힣]/g) ?? []).join('')
  const kept = decode(encode('똠방각하 펲시콜라 뷁 햏', 'euc-kr'), 'cp949')
  expect(added.length).toBe(11_172 - 2350)
  expect(added).toBe(Array.from(added).sort().join(''))
  expect(kept).toBe('똠방각하 펲시콜라 뷁 햏')
  expect(decode(bytes(0xa2, 0xe6, 0xa2, 0xe7), 'euc-kr')).toBe('€®')
})

test.each([
  [[0x80, 0x41], '\ufffdA'],
  [[0xff, 0x41], '\ufffdA'],
  [[0xb0, 0xff, 0x41], '\ufffdA'],
  [[0xb0, 0x3c], '\ufffd<'],
  [[0x81, 0x5b], '\ufffd['],
  [[0xc9, 0xa1], '\ufffd'],
  [[0xb0], '\ufffd'],
])('invalid Korean %j is replaced once', (broken, text) => {
  const decoder = incrementalDecoder('euc-kr')
  expect(decoder.decode(bytes(...broken))).toBe(text)
  expect(decoder.decode(bytes(0x41))).toBe('A')
})

test('Big5 has the characters of Hong Kong and their combinations', () => {
  const text = '呢啲係我哋嘅嘢，喺香港嗰度攞嚟。'
  expect(decode(encode(text, 'big5'), 'big5-hkscs')).toBe(text)
  expect(decode(bytes(0x88, 0x62, 0x88, 0xa5), 'big5')).toBe('Ê\u0304ê\u030c')
  expect(decode(bytes(0x87, 0x40, 0xc6, 0xe7, 0xc7, 0xf3), 'big5')).toBe('䏰ぁА')
  expect(decode(bytes(0xa4, 0xa4, 0xa4, 0xe5), 'cp950')).toBe('中文')
  expect(decode(bytes(0x81, 0x40), 'big5')).toMatch(/^\uFFFD/)
  expect(decode(bytes(0x80, 0xff, 0x41), 'big5')).toBe('\uFFFD\uFFFDA')
})

test('an invalid character does not swallow the tag after it', () => {
  for (const name of ['gbk', 'big5', 'euc-kr', 'shift_jis', 'euc-jp']) {
    expect(decode(bytes(0xff, 0x81, 0x3c, 0x70, 0x3e), name), name).toMatch(/<p>$/)
  }
})

describe('incrementalDecoder', () => {
  test.each([
    'utf-8',
    'gbk',
    'big5',
    'euc-jp',
    'shift_jis',
    'iso-2022-jp',
    'euc-kr',
    'windows-1251',
    'utf-16',
    'utf-16be',
    'utf-32',
  ])('%s may be split anywhere', (name) => {
    const text =
      name === 'windows-1251'
        ? 'Привет, мир'
        : name === 'euc-kr'
          ? '똠방각하 abc'
          : name === 'big5'
            ? '你好，世界'
            : 'ab日本語、中文c'
    const whole = name.startsWith('utf-16') || name === 'utf-32' ? wide(text, name) : encode(text, name)
    const decoder = incrementalDecoder(name)
    let out = ''
    for (const byte of whole) out += decoder.decode(bytes(byte), { stream: true })
    expect(out + decoder.decode()).toBe(decode(whole, name))
    expect(out.length).toBeGreaterThan(4)
  })

  test('a character that is cut off at the end is replaced', () => {
    for (const [name, cut] of [
      ['utf-8', 0xe4],
      ['gbk', 0xc4],
      ['utf-16', 0x41],
      ['utf-32', 0x41],
    ] as const) {
      const decoder = incrementalDecoder(name)
      expect(decoder.decode(bytes(cut), { stream: true })).toBe('')
      expect(decoder.decode()).toBe('\uFFFD')
    }
  })
})

function wide(text: string, name: string): Uint8Array {
  const size = name === 'utf-32' ? 4 : 2
  const out = new DataView(new ArrayBuffer(text.length * size))
  for (let at = 0; at < text.length; at += 1) {
    if (size === 4) out.setUint32(at * 4, text.charCodeAt(at), true)
    else out.setUint16(at * 2, text.charCodeAt(at), name !== 'utf-16be')
  }
  return new Uint8Array(out.buffer)
}
