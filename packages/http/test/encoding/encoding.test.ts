import { describe, expect, test } from 'vitest'
import { apparentEncoding, sniffEncoding } from '../../src/encoding/encoding.ts'
import { encode } from './encode.ts'

const CHINESE = '<html><head><title>中文</title></head><body>这是一个没有声明编码的网页，里面都是中文。</body></html>'

describe('apparentEncoding', () => {
  test('of a Chinese page that declares nothing is the detected one', () => {
    expect(apparentEncoding(encode(CHINESE, 'gbk'))).toBe('gbk')
  })

  test('prefers what the page declares to the detected encoding', () => {
    expect(apparentEncoding(encode(`<meta charset=big5>${CHINESE}`, 'gbk'))).toBe('big5')
  })

  test('prefers a byte order mark to what the page declares', () => {
    expect(apparentEncoding(Buffer.from(`\uFEFF<meta charset=gbk>${CHINESE}`))).toBe('utf-8')
  })

  test('of nothing and of pure ASCII is UTF-8', () => {
    expect(apparentEncoding(new Uint8Array(0))).toBe('utf-8')
    expect(apparentEncoding(Buffer.from('plain'))).toBe('utf-8')
  })
})

describe('sniffEncoding', () => {
  const page = encode(`<meta charset=big5>${CHINESE}`, 'gbk')

  test('prefers the header to the page', () => {
    expect(sniffEncoding(page, 'text/html; charset=GB2312')).toBe('gbk')
    expect(sniffEncoding(page, 'text/html')).toBe('big5')
    expect(sniffEncoding(page)).toBe('big5')
  })

  test('prefers a byte order mark to the header', () => {
    expect(sniffEncoding(Buffer.from('\uFEFFa'), 'text/html; charset=gbk')).toBe('utf-8')
  })

  test('ignores a header with an unknown charset', () => {
    expect(sniffEncoding(page, 'text/html; charset=klingon')).toBe('big5')
  })
})
