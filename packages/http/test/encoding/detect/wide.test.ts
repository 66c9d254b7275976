import { describe, expect, test } from 'vitest'
import { detectEncoding } from '../../../src/encoding/detect/detect.ts'
import { encode } from '../encode.ts'

const TEXTS: Readonly<Record<string, string>> = {
  English: 'Hello, world',
  French: 'Où êtes-vous ? Été à la plage',
  Russian: 'Привет',
  'Russian sentences': 'Привет, как дела? Это русский текст',
  Greek: 'Καλημέρα κόσμε, τι κάνεις',
  Hebrew: 'שלום עולם',
  Arabic: 'مرحبا بالعالم',
  Thai: 'สวัสดีชาวโลก นี่คือภาษาไทย',
  Hindi: 'नमस्ते दुनिया',
  Chinese: '中华人民共和国的首都是北京，人口众多。上海是最大的城市。',
  'a list in Chinese': '北京\r\n上海\r\n广州\r\n',
  'a page in Chinese': '<html><body><p>北京，人口众多。</p></body></html>',
  Japanese: 'これは日本語の文章です。漢字とひらがな、カタカナがあります。',
  Korean: '대한민국의 수도는 서울특별시이다. 인구는 많다.',
}

describe('recognises UTF-16 without a byte order mark', () => {
  test.each(Object.entries(TEXTS))('of %s', (_, text) => {
    for (const times of [1, 100]) {
      const little = Buffer.from(text.repeat(times), 'utf16le')
      const big = Buffer.from(little).swap16()
      expect([detectEncoding(little), detectEncoding(big)]).toEqual(['utf-16le', 'utf-16be'])
    }
  })

  test('if the last character is cut off', () => {
    expect(detectEncoding(Buffer.from(TEXTS.Chinese!, 'utf16le').subarray(0, -1))).toBe('utf-16le')
  })
})

describe('does not take other text for UTF-16', () => {
  test.each([
    ['separated by control characters', 'a\x01bc\x01d\x01ef\x01'.repeat(30), 'utf-8'],
    ['of words with zeros between them', 'one\0two\0six\0ten\0'.repeat(30), 'utf-8'],
    ['with letters struck over', 'N\bNA\bAM\bME\bE'.repeat(20), 'utf-8'],
    ['in a table of tabs', '1\t2\t3\t4\n'.repeat(40), 'utf-8'],
    ['with a stray control character', `${'Bush hid the facts. '.repeat(10)}\x01`, 'utf-8'],
    ['in Chinese with control characters', '中国\x01北京\x02上海\x03人口众多的城市'.repeat(20), 'gbk'],
    ['in Traditional Chinese with them', '台灣\x01臺北\x02市政府'.repeat(20), 'big5'],
    ['in Japanese with them', '日本語\x01東京都\x02です。'.repeat(20), 'shift_jis'],
    ['in Korean with them', '대한민국\x01서울\x02특별시'.repeat(20), 'euc-kr'],
    ['in Russian with them', 'Привет\x01как дела\x02это русский текст'.repeat(20), 'windows-1251'],
  ])('%s', (_, text, encoding) => {
    const bytes = encode(text, encoding)
    expect(detectEncoding(bytes)).toBe(encoding)
    expect(detectEncoding(bytes.subarray(1))).not.toMatch(/utf-16/)
  })
})
