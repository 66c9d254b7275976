import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codecName } from '../../../src/encoding/codec-name.ts'
import { decode } from '../../../src/encoding/decode.ts'
import { detectEncoding } from '../../../src/encoding/detect/detect.ts'
import { encode } from '../encode.ts'

/** Languages in which the runtime has display names, and the encodings in which they used to be written. */
const LISTS: Readonly<Record<string, string>> = {
  de: 'windows-1252',
  fr: 'windows-1252',
  es: 'windows-1252',
  it: 'windows-1252',
  pt: 'windows-1252',
  da: 'windows-1252',
  nb: 'windows-1252',
  sv: 'windows-1252',
  fi: 'windows-1252',
  is: 'windows-1252',
  cs: 'windows-1250 iso-8859-2',
  sk: 'windows-1250 iso-8859-2',
  pl: 'windows-1250 iso-8859-2',
  hu: 'windows-1250 iso-8859-2',
  hr: 'windows-1250 iso-8859-2',
  sl: 'windows-1250 iso-8859-2',
  tr: 'windows-1254',
  lt: 'windows-1257',
  lv: 'windows-1257',
  ru: 'windows-1251 koi8-r iso-8859-5 ibm866',
  uk: 'windows-1251 koi8-u iso-8859-5',
  bg: 'windows-1251 iso-8859-5',
  sr: 'windows-1251',
  el: 'windows-1253 iso-8859-7',
  he: 'windows-1255',
  ar: 'windows-1256 iso-8859-6',
  th: 'windows-874',
  'zh-Hans': 'gbk',
  'zh-Hant': 'big5',
  ja: 'euc-jp shift_jis iso-2022-jp',
  ko: 'euc-kr',
}
const REGIONS =
  'AD AE AF AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CY CZ DE DJ DK DO DZ EC EE EG ER ES ET FI FJ FR GA GB GE GH GR GT HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KR KW KZ LA LB LK LT LU LV LY MA MC MD ME MG MK ML MM MN MT MX MY MZ NA NE NG NI NL NO NP NZ OM PA PE PH PK PL PT PY QA RO RS RU SA SD SE SG SI SK SN SO SY TD TG TH TJ TN TR TZ UA UG US UY UZ VE VN YE ZA ZM ZW'.split(
    ' ',
  )
const PER_LIST = 20

interface Sample {
  readonly bytes: Uint8Array
  readonly encoding: string
  readonly label: string
}

function listSamples(): Sample[] {
  const samples: Sample[] = []
  for (const [language, encodings] of Object.entries(LISTS)) {
    const names = new Intl.DisplayNames(language, { type: 'region' })
    for (const encoding of encodings.split(' ')) {
      for (let at = 0; at + PER_LIST <= REGIONS.length; at += PER_LIST) {
        const items = REGIONS.slice(at, at + PER_LIST).map((code) => `<li>${names.of(code)}</li>`)
        const bytes = encode(`<html><body><ul>${items.join('\n')}</ul></body></html>`, encoding)
        if (encoding === 'iso-2022-jp' || bytes.some((byte) => byte >= 0x80)) {
          samples.push({ bytes, encoding, label: `${language} ${encoding}` })
        }
      }
    }
  }
  return samples
}

/** Translations of vim, which Debian ships in legacy encodings. */
const CATALOGUES = ['/usr/share/vim/vim90/lang', '/usr/share/vim/vim91/lang'].find((folder) => existsSync(folder))

function catalogueSamples(folder: string): Sample[] {
  const samples: Sample[] = []
  for (const language of readdirSync(folder)) {
    const file = join(folder, language, 'LC_MESSAGES', 'vim.mo')
    if (!existsSync(file)) continue
    const { encoding, texts } = readCatalogue(readFileSync(file))
    if (encoding === undefined || encoding === 'utf-8') continue
    let piece: Uint8Array[] = []
    let size = 0
    for (const text of texts) {
      piece.push(text, Buffer.from('\n'))
      size += text.length + 1
      if (size < 700) continue
      const bytes = Buffer.concat(piece)
      if (bytes.some((byte) => byte >= 0x80)) samples.push({ bytes, encoding, label: `${language} ${encoding}` })
      piece = []
      size = 0
    }
  }
  return samples
}

/** Parses a GNU gettext catalogue: a header, then the offsets of the originals and of the translations. */
function readCatalogue(file: Buffer): { encoding: string | undefined; texts: Buffer[] } {
  const count = file.readUInt32LE(8)
  const originals = file.readUInt32LE(12)
  const translations = file.readUInt32LE(16)
  const at = (table: number, index: number) => {
    const start = file.readUInt32LE(table + 8 * index + 4)
    return file.subarray(start, start + file.readUInt32LE(table + 8 * index))
  }
  const header = /charset=([\w-]+)/.exec(at(translations, 0).toString('latin1'))
  const texts: Buffer[] = []
  for (let index = 1; index < count; index += 1) {
    if (!at(originals, index).equals(at(translations, index))) texts.push(at(translations, index))
  }
  return { encoding: header === null ? undefined : codecName(header[1]!), texts }
}

/** The test files of chardet, a folder per encoding. They are not included here; an environment variable says where they are. */
const CHARDET = process.env.GREENLIT_CHARDET_TESTS
/** Encodings that no browser supports. */
const UNKNOWN = /^(?:ibm855|johab|iso-2022-kr|euc-tw)$/i

function chardetSamples(folder: string): Sample[] {
  const samples: Sample[] = []
  for (const name of readdirSync(folder)) {
    // For example `windows-1250-polish`.
    const encoding = codecName(name) ?? codecName(name.replace(/-[a-z]+$/i, '').replace(/-sig$/, ''))
    if (UNKNOWN.test(name) || encoding === undefined || !statSync(join(folder, name)).isDirectory()) continue
    for (const file of readdirSync(join(folder, name))) {
      samples.push({ bytes: readFileSync(join(folder, name, file)), encoding, label: `${name}/${file}` })
    }
  }
  return samples
}

/** Returns the share of samples that are decoded to the same text, and the others. */
function accuracyOn(samples: readonly Sample[]): { share: number; missed: string[] } {
  const missed: string[] = []
  for (const { bytes, encoding, label } of samples) {
    const found = detectEncoding(bytes)
    if (found !== encoding && decode(bytes, found) !== decode(bytes, encoding)) missed.push(`${label} -> ${found}`)
  }
  return { share: 1 - missed.length / samples.length, missed }
}

const isEastAsian = ({ encoding }: Sample) => /^(?:gb|big5|euc|shift|iso-2022)/.test(encoding)

describe('the accuracy of detection', () => {
  test('on short lists of names is at least 97 %, for East Asian encodings 100 %', () => {
    const samples = listSamples()
    expect(samples.length).toBeGreaterThan(200)
    const { share, missed } = accuracyOn(samples)
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.97)
    expect(accuracyOn(samples.filter(isEastAsian)).missed).toEqual([])
  })

  test('on excerpts of translated catalogues is at least 99 %', () => {
    if (CATALOGUES === undefined) {
      console.log('Not tried: detection on catalogues of vim, which are not on this machine')
      return
    }
    const samples = catalogueSamples(CATALOGUES)
    expect(samples.length).toBeGreaterThan(500)
    const { share, missed } = accuracyOn(samples)
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.99)
    expect(accuracyOn(samples.filter(isEastAsian)).share).toBeGreaterThanOrEqual(0.995)
  })

  test('on the test files of chardet is at least 98 %', () => {
    if (CHARDET === undefined) {
      console.log('Not tried: detection on the test files of chardet, which GREENLIT_CHARDET_TESTS does not name')
      return
    }
    const samples = chardetSamples(CHARDET)
    expect(samples.length).toBeGreaterThan(300)
    const { share, missed } = accuracyOn(samples)
    expect(share, missed.join('\n')).toBeGreaterThanOrEqual(0.98)
    expect(accuracyOn(samples.filter(isEastAsian)).share).toBeGreaterThanOrEqual(0.995)
  })
})
