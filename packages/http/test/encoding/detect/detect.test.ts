import { describe, expect, test } from 'vitest'
import { detectEncoding } from '../../../src/encoding/detect/detect.ts'
import { encode } from '../encode.ts'

const RUSSIAN = 'Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.'
const POLISH = 'Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.'
const CZECH = 'Příliš žluťoučký kůň úpěl ďábelské ódy. Všichni lidé rodí se svobodní a sobě rovní.'
const JAPANESE = 'これは文字コードを判定するための短い文章です。カタカナもあります。'

const TEXTS: readonly (readonly [encoding: string, text: string])[] = [
  ['gbk', '人生而自由，在尊严和权利上一律平等。'],
  ['gbk', '你好'],
  ['big5', '人人生而自由，在尊嚴和權利上一律平等。'],
  ['big5', '呢啲係我哋嘅嘢，喺香港嗰度攞嚟，啱啱先至咗。'],
  ['euc-jp', JAPANESE],
  ['shift_jis', JAPANESE],
  ['iso-2022-jp', JAPANESE],
  ['euc-kr', '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.'],
  ['euc-kr', '펲시콜라와 똠방각하를 봤습니다. 뷁!'],
  ['euc-kr', '안녕하세요~ 반갑습니다 ^^ ㅎㅎㅎ'],
  ['euc-kr', '이거 완전 대박ㅋㅋㅋㅋㅋㅋㅋㅋ ㅠㅠ'],
  ['euc-kr', '가격: ￦10,000 ①번 상품 ★★★★☆ 추천'],
  ['windows-1251', RUSSIAN],
  ['koi8-r', RUSSIAN],
  ['iso-8859-5', RUSSIAN],
  ['ibm866', RUSSIAN],
  ['x-mac-cyrillic', RUSSIAN],
  ['koi8-u', 'Всі люди народжуються вільними і рівними у своїй гідності та правах. Її їжак ґанок.'],
  ['windows-1251', 'Всички хора се раждат свободни и равни по достойнство и права.'],
  ['windows-1250', POLISH],
  ['iso-8859-2', POLISH],
  ['windows-1250', CZECH],
  ['iso-8859-2', CZECH],
  ['windows-1250', 'Árvíztűrő tükörfúrógép. Minden emberi lény szabadon születik, és egyenlő méltósága van.'],
  ['windows-1252', 'Tous les êtres humains naissent libres et égaux en dignité. Où ça ? À l’école.'],
  ['windows-1252', 'Alle Menschen sind frei und gleich an Würde geboren. Größe, Straße, Äpfel.'],
  ['windows-1252', 'Todos los seres humanos nacen libres. ¿Cómo está usted? ¡Mañana será otro día!'],
  ['windows-1252', 'Alla människor är födda fria och lika i värde. Åsa åt två päron på ön.'],
  ['windows-1252', 'It’s “smart quotes” – and nothing else…'],
  ['windows-1252', 'café'],
  ['windows-1253', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια. Άλλα και Ώρα.'],
  ['iso-8859-7', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια. Άλλα και Άρα.'],
  ['windows-1254', 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. İstanbul’da yaşıyorum.'],
  ['windows-1255', 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.'],
  ['windows-1256', 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.'],
  ['iso-8859-6', 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.'],
  ['windows-1257', 'Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Ačiū už ąžuolą.'],
  ['windows-874', 'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ'],
  ['utf-8', '日本語とРусский and café'],
]

describe('detectEncoding', () => {
  test.each(TEXTS)('finds %s: %s', (encoding, text) => {
    expect(detectEncoding(encode(text, encoding))).toBe(encoding)
  })

  test('finds the encoding far down in a page of ASCII', () => {
    const page = Buffer.concat([Buffer.alloc(300_000, '<p>plain text</p>\n'), encode(RUSSIAN, 'koi8-r')])
    expect(detectEncoding(page)).toBe('koi8-r')
  })

  test('finds UTF-16 and UTF-32 without a byte order mark', () => {
    const text = '<html><body>plain ünd 中文</body></html>'
    const little = Buffer.from(text, 'utf16le')
    expect(detectEncoding(little)).toBe('utf-16le')
    expect(detectEncoding(Buffer.from(little).swap16())).toBe('utf-16be')
    const wide = Buffer.alloc(text.length * 4)
    for (let at = 0; at < text.length; at += 1) wide.writeUInt32LE(text.charCodeAt(at), at * 4)
    expect(detectEncoding(wide)).toBe('utf-32le')
    expect(detectEncoding(wide.swap32())).toBe('utf-32be')
  })

  test('recognises only the escape sequences for Japanese character sets as ISO-2022-JP', () => {
    const colours = '\x1b[31mred\x1b[0m \x1b(B \x1b$A \x1b'
    expect(detectEncoding(Buffer.from(colours))).toBe('utf-8')
    for (const shift of ['$@', '$B', '(J', '(I', '$(D']) {
      expect(detectEncoding(Buffer.from(`${colours}\x1b${shift}!!`))).toBe('iso-2022-jp')
    }
    expect(detectEncoding(Buffer.from('$B is no escape'))).toBe('utf-8')
  })

  test.each(['é', '߿', 'ࠀ', '中', '\uffff', '😀'])(
    'bears with one broken byte for ten characters of UTF-8, as %s, and with a cut end',
    (character) => {
      const whole = Buffer.from(`${character} `.repeat(10))
      for (const byte of [0x80, 0xc0, 0xc1, 0xe9, 0xf5, 0xff]) {
        expect(detectEncoding(Buffer.concat([Buffer.of(byte, 0x20), whole]))).toBe('utf-8')
        expect(detectEncoding(Buffer.concat([Buffer.of(byte, 0x20, byte, 0x20), whole]))).not.toBe('utf-8')
      }
      const last = Buffer.from(character)
      for (let length = 1; length < last.length; length += 1) {
        expect(detectEncoding(Buffer.concat([whole, last.subarray(0, length)]))).toBe('utf-8')
      }
    },
  )

  test('an invalid byte or a truncated end does not change the encoding of a page', () => {
    for (const [encoding, text] of [
      ['utf-8', '日本語の文章です。これは長い文章です。'],
      ['gbk', '人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。'],
    ] as const) {
      const whole = encode(text, encoding)
      expect(detectEncoding(whole.subarray(0, -1))).toBe(encoding)
      expect(detectEncoding(Buffer.concat([whole, Buffer.of(0x20, 0xff, 0x20), whole]))).toBe(encoding)
    }
    expect(detectEncoding(Buffer.from('caf\xc3\xa9 \xe2\x82', 'latin1'))).toBe('utf-8')
  })

  test('returns some encoding for any bytes', () => {
    let seed = 1
    for (let size = 0; size < 200; size += 1) {
      const bytes = Uint8Array.from({ length: size }, () => (seed = (seed * 48271) % 2147483647) & 255)
      expect(() => new TextDecoder(detectEncoding(bytes).replace('utf-32', 'utf-16'))).not.toThrow()
    }
  })

  test('takes milliseconds for a large page', () => {
    const page = Buffer.concat(
      Array.from({ length: 2000 }, () => encode('人生而自由，在尊严和权利上一律平等。<p>', 'gbk')),
    )
    detectEncoding(page)
    const started = performance.now()
    for (let turn = 0; turn < 10; turn += 1) detectEncoding(page)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
