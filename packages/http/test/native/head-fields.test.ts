import { describe, expect, test } from 'vitest'
import { framingOf } from '../../src/engine/framing.ts'
import { HeadFields } from '../../src/native/head-fields.ts'
import { rawHeadersOf } from '../../src/native/native-head.ts'

function fieldsOf(...headers: readonly (readonly [name: string, value: string])[]): HeadFields {
  const fields = new HeadFields()
  for (const [name, value] of headers) {
    const bytes = Buffer.from(`${name}:${value}`, 'latin1')
    fields.note(bytes, 0, name.length, name.length + 1, bytes.length)
  }
  return fields
}

describe('the framing of a response', () => {
  test('is the same in every engine', () => {
    const headers = [
      ['LOCATION', ''],
      ['Location', '/a\xe9'],
      ['location', '/b'],
      ['Set-Cookie', 'a=b'],
      ['set-cookie', 'c=d'],
      ['Content-Encoding', 'gzip'],
      ['content-encoding', 'br'],
      ['Content-Length', '0012'],
      ['X-Content-Lengt', '7'],
    ] as const
    expect(fieldsOf(...headers)).toMatchObject(framingOf(headers.flat()))
    expect(fieldsOf()).toMatchObject(framingOf([]))
  })

  test.each([
    ['chunked', true],
    ['CHUNKED', true],
    ['gzip, chunked', true],
    [',chunked', true],
    ['gzip', false],
    ['chunked, gzip', false],
    ['chunked,', false],
    ['chunked;q=1', false],
    ['"chunked"', false],
    ['x chunked', false],
    ['xchunked', false],
    ['chunked\xa0', false],
  ])('says whether the last coding is chunked: %j', (value, isChunked) => {
    expect(fieldsOf(['Transfer-Encoding', value]).isChunked).toBe(isChunked)
  })

  test('uses the last of several codings', () => {
    expect(fieldsOf(['Transfer-Encoding', 'gzip'], ['Transfer-Encoding', 'chunked']).isChunked).toBe(true)
    expect(fieldsOf(['Transfer-Encoding', 'chunked'], ['Transfer-Encoding', 'gzip']).isChunked).toBe(false)
  })

  test.each(['', '+1', '-1', '1/', '1:', '0x1', '1, 1', '1 1', '1.0', '18446744073709551616', '9'.repeat(400)])(
    'is rejected with a length of %j',
    (length) => {
      expect(() => fieldsOf(['Content-Length', length])).toThrow('its length')
    },
  )

  test('may declare more bytes than can exist', () => {
    expect(fieldsOf(['Content-Length', '18446744073709551615']).contentLength).toBe(2 ** 64)
  })

  test('is rejected where two readers could find different ends', () => {
    expect(() => fieldsOf(['Content-Length', '1'], ['content-length', '1'])).toThrow('two lengths')
    expect(() => fieldsOf(['Content-Length', '1'], ['Transfer-Encoding', 'gzip'])).toThrow('beside')
    expect(() => fieldsOf(['Transfer-Encoding', 'identity'], ['Content-Length', '1'])).toThrow('beside')
    expect(() => fieldsOf(['Transfer-Encoding', ''])).toThrow('empty')
  })

  test.each([
    ['Connection', 'close', true, false],
    ['Connection', 'Keep-Alive', false, true],
    ['Connection', 'x, close', true, false],
    ['Connection', 'close,', true, false],
    ['Connection', 'closed', false, false],
    ['Proxy-Connection', 'close', true, false],
    ['Connections', 'close', false, false],
  ])('says whether the connection is kept: %s: %s', (name, value, closes, keeps) => {
    expect(fieldsOf([name, value])).toMatchObject({ closes, keeps })
  })

  test('ignores other names of the same length', () => {
    const names = [
      'Allocate',
      'Vocation',
      'X-Timeouts',
      'Content-Levels',
      'Content-Enclosed',
      'Transfer-Encodings',
      'Transfer-Enclosed',
    ]
    for (const name of names)
      for (const value of ['close', 'timeout=5', '5']) {
        expect(fieldsOf([name, value])).toEqual(new HeadFields())
      }
  })

  test.each([
    ['timeout=5', 5000],
    ['max=3, TIMEOUT=17', 17_000],
    ['max=3', Infinity],
    ['timeout=x', Infinity],
    ['timeout=5', 5000],
  ])('says how long the connection is kept: %s', (value, lifetime) => {
    expect(fieldsOf(['Keep-Alive', value]).lifetime).toBe(lifetime)
    expect(fieldsOf(['Keep-Alive', 'timeout=9'], ['Keep-Alive', value]).lifetime).toBe(Math.min(lifetime, 9000))
  })
})

test('headers are alternating names and values, without the white space around values', () => {
  expect(rawHeadersOf('A: \t b c \t\r\nb:\r\nC:d:e\r\nÉ: \xa0x\xa0\r\n')).toEqual([
    'A',
    'b c',
    'b',
    '',
    'C',
    'd:e',
    'É',
    '\xa0x\xa0',
  ])
  expect(rawHeadersOf('')).toEqual([])
})
