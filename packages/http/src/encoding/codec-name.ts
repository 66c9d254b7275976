import { checkString } from '../check-argument.ts'

/** Python's encoding names without punctuation, mostly ones that TextDecoder does not know, and the encodings' names on the web. */
const PYTHON: Readonly<Record<string, string>> = {
  '646': 'windows-1252',
  usascii: 'windows-1252',
  us: 'windows-1252',
  iso646us: 'windows-1252',
  csascii: 'windows-1252',
  cp367: 'windows-1252',
  ibm367: 'windows-1252',
  utf8sig: 'utf-8',
  utf8ucs2: 'utf-8',
  u8: 'utf-8',
  utf: 'utf-8',
  cp65001: 'utf-8',
  u16: 'utf-16',
  utf16: 'utf-16',
  ucs2: 'utf-16',
  utf16le: 'utf-16le',
  utf16be: 'utf-16be',
  unicodelittle: 'utf-16le',
  unicodebig: 'utf-16be',
  u32: 'utf-32',
  utf32: 'utf-32',
  ucs4: 'utf-32',
  utf32le: 'utf-32le',
  utf32be: 'utf-32be',
  latin: 'windows-1252',
  iso88591: 'windows-1252',
  iso8859: 'windows-1252',
  '8859': 'windows-1252',
  iso885911: 'windows-874',
  thai: 'windows-874',
  cp874: 'windows-874',
  tis620: 'windows-874',
  tis6200: 'windows-874',
  ibm1252: 'windows-1252',
  iso88599: 'windows-1254',
  latin5: 'windows-1254',
  iso885916: 'iso-8859-16',
  latin10: 'iso-8859-16',
  l10: 'iso-8859-16',
  latin7: 'iso-8859-13',
  l7: 'iso-8859-13',
  latin8: 'iso-8859-14',
  l8: 'iso-8859-14',
  latin9: 'iso-8859-15',
  cp936: 'gbk',
  ms936: 'gbk',
  gb2312: 'gbk',
  euccn: 'gbk',
  eucgb2312cn: 'gbk',
  gb231280: 'gbk',
  gb23121980: 'gbk',
  gb18030: 'gb18030',
  gb180302000: 'gb18030',
  cp950: 'big5',
  ms950: 'big5',
  big5tw: 'big5',
  big5hkscs: 'big5',
  cp932: 'shift_jis',
  ms932: 'shift_jis',
  mskanji: 'shift_jis',
  windows31j: 'shift_jis',
  shiftjis: 'shift_jis',
  shiftjis2004: 'shift_jis',
  shiftjisx0213: 'shift_jis',
  sjis: 'shift_jis',
  sjis2004: 'shift_jis',
  sjisx0213: 'shift_jis',
  eucjp: 'euc-jp',
  ujis: 'euc-jp',
  eucjis2004: 'euc-jp',
  eucjisx0213: 'euc-jp',
  iso2022jp: 'iso-2022-jp',
  csiso2022jp: 'iso-2022-jp',
  iso2022jp1: 'iso-2022-jp',
  iso2022jp2: 'iso-2022-jp',
  iso2022jp3: 'iso-2022-jp',
  iso2022jp2004: 'iso-2022-jp',
  iso2022jpext: 'iso-2022-jp',
  cp949: 'euc-kr',
  ms949: 'euc-kr',
  uhc: 'euc-kr',
  euckr: 'euc-kr',
  ksc5601: 'euc-kr',
  ksx1001: 'euc-kr',
  ksc56011987: 'euc-kr',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  koi8ru: 'koi8-u',
  cp866: 'ibm866',
  macroman: 'macintosh',
  maccyrillic: 'x-mac-cyrillic',
  macukrainian: 'x-mac-cyrillic',
  xuserdefined: 'x-user-defined',
}

const known = new Map<string, string | undefined>()

/**
 * Returns the canonical name for a name used by Python, the web or e-mail: that of TextDecoder, in lower case, or `utf-16`, `utf-32`,
 * `utf-32le` or `utf-32be`. As in browsers, ASCII and Latin-1 are windows-1252 (WHATWG Encoding 4.2).
 *
 * @returns the name; `undefined` for an unknown encoding
 * @example
 * codecName('CP936') // 'gbk'
 * codecName('latin-1') // 'windows-1252'
 */
export function codecName(label: string): string | undefined {
  if (known.has(label)) return known.get(label)
  checkString(label, 'encoding')
  const name = find(label)
  // Labels come from servers, so the cache is limited.
  if (known.size < 500) known.set(label, name)
  return name
}

function find(label: string): string | undefined {
  const plain = label.trim().toLowerCase()
  // Without the year of the standard, as in `iso_8859_7_1987`.
  const bare = plain.replace(/[^a-z0-9]/g, '').replace(/^(iso8859\d{1,2})(?:19|20)\d\d$/, '$1')
  if (Object.hasOwn(PYTHON, bare)) return PYTHON[bare]
  const spellings = [
    plain,
    plain.replace(/[\s_]+/g, '-'),
    bare,
    bare.replace(/^(windows|cp|ibm)?(125\d)$/, 'windows-$2'),
  ]
  for (const spelling of spellings) {
    try {
      return new TextDecoder(spelling).encoding
    } catch {
      // Try the next spelling.
    }
  }
  return undefined
}
