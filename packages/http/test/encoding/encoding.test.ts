import { describe, expect, test } from 'vitest'
import { apparentEncoding, sniffEncoding } from '../../src/encoding/encoding.ts'
import { encode } from './encode.ts'

const CHINESE = '<html><head><title>中文</title></head><body>这是一个没有声明编码的网页，里面都是中文。</body></html>'

describe('apparentEncoding', () => {
  test('of a Chinese page that declares nothing is what it looks like', () => {
    expect(apparentEncoding(encode(CHINESE, 'gbk'))).toBe('gbk')
  })

  test('is what the page declares rather than what it looks like', () => {
    expect(apparentEncoding(encode(`<meta charset=big5>${CHINESE}`, 'gbk'))).toBe('big5')
  })

  test('is the byte order mark rather than what the page declares', () => {
    expect(apparentEncoding(Buffer.from(`\uFEFF<meta charset=gbk>${CHINESE}`))).toBe('utf-8')
  })

  test('of nothing, and of nothing but ASCII, is UTF-8', () => {
    expect(apparentEncoding(new Uint8Array(0))).toBe('utf-8')
    expect(apparentEncoding(Buffer.from('plain'))).toBe('utf-8')
  })
})

describe('sniffEncoding', () => {
  const page = encode(`<meta charset=big5>${CHINESE}`, 'gbk')

  test('believes the header before the page', () => {
    expect(sniffEncoding(page, 'text/html; charset=GB2312')).toBe('gbk')
    expect(sniffEncoding(page, 'text/html')).toBe('big5')
    expect(sniffEncoding(page)).toBe('big5')
  })

  test('believes a byte order mark before the header', () => {
    expect(sniffEncoding(Buffer.from('\uFEFFa'), 'text/html; charset=gbk')).toBe('utf-8')
  })

  test('passes over a header whose charset is not known', () => {
    expect(sniffEncoding(page, 'text/html; charset=klingon')).toBe('big5')
  })
})
