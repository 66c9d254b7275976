import { describe, expect, test } from 'vitest'
import { codecName } from '../../src/encoding/codec-name.ts'

describe('codecName', () => {
  test.each([
    ['utf8', 'utf-8'],
    ['UTF_8', 'utf-8'],
    ['utf-8-sig', 'utf-8'],
    ['U8', 'utf-8'],
    ['latin-1', 'windows-1252'],
    ['latin_1', 'windows-1252'],
    ['L1', 'windows-1252'],
    ['iso-8859-1', 'windows-1252'],
    ['ISO8859_1', 'windows-1252'],
    ['ascii', 'windows-1252'],
    ['us-ascii', 'windows-1252'],
    ['646', 'windows-1252'],
    ['cp1252', 'windows-1252'],
    ['1252', 'windows-1252'],
    [' windows1252 ', 'windows-1252'],
    ['windows_1251', 'windows-1251'],
    ['x_mac_cyrillic', 'x-mac-cyrillic'],
    ['cp1251', 'windows-1251'],
    ['iso8859_2', 'iso-8859-2'],
    ['iso_8859_15', 'iso-8859-15'],
    ['latin2', 'iso-8859-2'],
    ['gb2312', 'gbk'],
    ['GBK', 'gbk'],
    ['cp936', 'gbk'],
    ['euc_cn', 'gbk'],
    ['gb18030-2000', 'gb18030'],
    ['big5', 'big5'],
    ['big5-hkscs', 'big5'],
    ['cp950', 'big5'],
    ['euc_jp', 'euc-jp'],
    ['ujis', 'euc-jp'],
    ['shift_jis', 'shift_jis'],
    ['SHIFT-JIS', 'shift_jis'],
    ['sjis', 'shift_jis'],
    ['cp932', 'shift_jis'],
    ['ms_kanji', 'shift_jis'],
    ['iso2022_jp', 'iso-2022-jp'],
    ['euc_kr', 'euc-kr'],
    ['cp949', 'euc-kr'],
    ['ks_c_5601-1987', 'euc-kr'],
    ['koi8_r', 'koi8-r'],
    ['mac_roman', 'macintosh'],
    ['cp866', 'ibm866'],
    ['tis-620', 'windows-874'],
    ['tis620', 'windows-874'],
    ['iso8859', 'windows-1252'],
    ['cp367', 'windows-1252'],
    ['iso_8859_7_1987', 'iso-8859-7'],
    ['iso_8859_11_2001', 'windows-874'],
    ['iso_8859_1_1987', 'windows-1252'],
    ['gb2312_80', 'gbk'],
    ['latin', 'windows-1252'],
    ['latin8', 'iso-8859-14'],
    ['windows-31j', 'shift_jis'],
    ['sjis_2004', 'shift_jis'],
    ['ksx1001', 'euc-kr'],
    ['uhc', 'euc-kr'],
    ['mac_cyrillic', 'x-mac-cyrillic'],
    ['utf_16_le', 'utf-16le'],
    ['utf_16_be', 'utf-16be'],
    ['UTF-16', 'utf-16'],
    ['utf-32', 'utf-32'],
    [' "utf-8" ', 'utf-8'],
  ])('%s is %s', (label, name) => {
    expect(codecName(label)).toBe(name)
  })

  test('iso8859_16 is known if the runtime supports it', () => {
    expect(codecName('iso8859_16')).toBe(codecName('iso-8859-16'))
    expect(codecName('iso_8859_16_2001')).toBe(codecName('iso-8859-16'))
  })

  test.each(['', 'klingon', 'utf-9', 'xcp1252', 'cp12521', 'constructor', '__proto__', 'x'.repeat(10_000)])(
    '%s is unknown',
    (label) => {
      expect(codecName(label)).toBeUndefined()
    },
  )
})
