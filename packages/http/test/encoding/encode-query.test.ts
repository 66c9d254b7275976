import { expect, test } from 'vitest'
import { encodeQuery } from '../../src/encoding/encode-query.ts'

test.each([
  ['gbk', '你好€', '%C4%E3%BA%C3%80'],
  ['GB2312', '镕', '%E9F'],
  ['gb18030', '你€🎉', '%C4%E3%A2%E3%949%BD5'],
  ['gb18030', 'é¸', '%A8%A6%810%860'],
  ['big5', '中文十', '%A4%A4%A4%E5%A4Q'],
  ['shift_jis', '日本ｱⅰ−¥', '%93%FA%96%7B%B1%FA%40%81%7C%5C'],
  ['euc-jp', '日本ｱ−¥‾', '%C6%FC%CB%DC%8E%B1%A1%DD%5C%7E'],
  ['euc-kr', '한국똠', '%C7%D1%B1%B9%8Cc'],
  ['latin1', 'é–', '%E9%96'],
  ['windows-1251', 'Россия', '%D0%EE%F1%F1%E8%FF'],
  ['iso-8859-16', 'ș', '%BA'],
])('in %s %s is %s', (encoding, text, bytes) => {
  // Whether an ASCII byte of a character is escaped makes no difference to the reader.
  const unescaped = (query: string) =>
    Buffer.from(
      query.replace(/%(..)/g, (_, byte) => String.fromCharCode(Number.parseInt(byte, 16))),
      'latin1',
    )
  expect(unescaped(encodeQuery(`?${text}`, encoding))).toEqual(unescaped(`?${bytes}`))
})

test('only the query is encoded, and existing escapes are kept', () => {
  expect(encodeQuery('/é?é=%C3%A9&é#é?é', 'latin1')).toBe('/é?%E9=%C3%A9&%E9#é?é')
  expect(encodeQuery('/é#?é', 'latin1')).toBe('/é#?é')
  expect(encodeQuery('/a?b', 'latin1')).toBe('/a?b')
})

test('a character that the encoding lacks becomes a character reference', () => {
  expect(encodeQuery('?你', 'latin1')).toBe('?%26%2320320%3B')
  expect(encodeQuery('?🎉', 'gbk')).toBe('?%26%23127881%3B')
  expect(encodeQuery('?¥\ufffd', 'gbk')).toBe('?%26%23165%3B%26%2365533%3B')
  // A character of Hong Kong, which Big5 decodes but never encodes.
  expect(encodeQuery('?䏰', 'big5')).toBe('?%26%2317392%3B')
})

test.each(['utf-8', 'utf-16le', 'utf-32be', 'iso-2022-jp', 'unheard-of'])(
  'on a page of %s all is left alone',
  (encoding) => {
    expect(encodeQuery('?你', encoding)).toBe('?你')
  },
)
