import { codecName } from './codec-name.ts'
import { decode } from './decode.ts'

/** Maps code points to the bytes of the character, as one big-endian number. */
type Table = Map<number, number>

/** These characters occur twice in Big5, and are encoded as the second occurrence (WHATWG Encoding 5: index Big5 pointer). */
const LAST_IN_BIG5 = '═╞╡╪十卅'
const MULTIBYTE = /^(?:gbk|gb18030|big5|euc-jp|euc-kr|shift_jis)$/

const tables = new Map<string, Table>()

/**
 * Encodes the query of a URL or relative reference in the encoding of the page that contains it, as browsers do; the rest of a URL is
 * always UTF-8 (WHATWG URL 4.4, query state). A character that the encoding lacks becomes a numeric character reference. Existing
 * escapes are left alone. On pages in UTF-8, UTF-16 and ISO-2022-JP nothing is changed.
 *
 * @example
 * encodeQuery('/搜索?q=你好', 'gbk') // '/搜索?q=%C4%E3%BA%C3'
 */
export function encodeQuery(reference: string, encoding: string): string {
  if (!/[\u0080-\uffff]/.test(reference)) return reference
  const name = codecName(encoding)
  const parts = /^([^?#]*\?)([^#]*)(.*)$/s.exec(reference)
  if (name === undefined || parts === null || /^(?:utf-|iso-2022-jp)/.test(name)) return reference
  let table = tables.get(name)
  if (table === undefined) tables.set(name, (table = buildTable(name)))
  const query = parts[2]!.replace(/[\u{80}-\u{10ffff}]/gu, (character) => {
    const code = character.codePointAt(0)!
    const bytes = table.get(code) ?? (name === 'gb18030' && code > 0xffff ? fourBytes(code + 123_464) : undefined)
    return bytes === undefined ? `%26%23${code}%3B` : escaped(bytes)
  })
  return `${parts[1]}${query}${parts[3]}`
}

/** Builds the encoding table of an encoding from its decoder. */
function buildTable(name: string): Table {
  const table: Table = new Map()
  if (name === 'shift_jis') add(table, name, 1, between(0xa1, 0xdf))
  else if (name === 'gbk') table.set(0x20ac, 0x80)
  else if (!MULTIBYTE.test(name)) add(table, name, 1, between(0x80, 0xff))
  if (!MULTIBYTE.test(name)) return table
  // Not encoded, only decoded: the characters of Hong Kong before 0xA1 in Big5, and those that NEC selected from IBM's in Shift_JIS.
  const leads = between(name === 'big5' ? 0xa1 : 0x81, 0xfe).filter(
    (lead) => name !== 'shift_jis' || lead < 0xed || lead > 0xef,
  )
  for (const lead of leads) {
    // In EUC-JP this lead byte begins half-width kana. Some runtimes' decoders accept trail bytes beyond the last of them.
    const last = name === 'euc-jp' && lead === 0x8e ? 0xdf : 0xfe
    add(table, name, 2, between(lead * 256 + 0x40, lead * 256 + last))
  }
  if (name === 'gb18030') add(table, name, 4, between(0, 39_419).map(fourBytes))
  if (name === 'euc-jp' || name === 'shift_jis') {
    // Substitutes for characters that these encodings lack (WHATWG Encoding 12.1.2 and 12.3.2).
    table.set(0xa5, 0x5c).set(0x203e, 0x7e).set(0x2212, table.get(0xff0d)!)
  }
  return table
}

/** Adds the characters of byte sequences of length `length`. Of several sequences for a character the first is kept. */
function add(table: Table, name: string, length: number, sequences: readonly number[]): void {
  const bytes = new Uint8Array(sequences.length * (length + 1))
  let at = 0
  for (const sequence of sequences) {
    for (let shift = length - 1; shift >= 0; shift -= 1) bytes[at++] = sequence / 256 ** shift
    // A separator: a line feed is never part of a multi-byte character.
    bytes[at++] = 0x0a
  }
  const texts = decode(bytes, name).split('\n')
  for (const [index, sequence] of sequences.entries()) {
    const text = texts[index]!
    const code = text.codePointAt(0)
    if (code === undefined || code === 0xfffd || String.fromCodePoint(code) !== text) continue
    if (!table.has(code) || (name === 'big5' && LAST_IN_BIG5.includes(text))) table.set(code, sequence)
  }
}

/** Returns the four bytes of a GB 18030 pointer. Above the BMP, pointers are in code point order (WHATWG Encoding 11.2.2). */
function fourBytes(pointer: number): number {
  const tens = Math.floor(pointer / 10)
  const high = Math.floor(pointer / 1260)
  return (
    (0x81 + Math.floor(high / 10)) * 2 ** 24 +
    (0x30 + (high % 10)) * 2 ** 16 +
    (0x81 + (tens % 126)) * 2 ** 8 +
    (0x30 + (pointer % 10))
  )
}

function escaped(bytes: number): string {
  return bytes
    .toString(16)
    .toUpperCase()
    .replace(/../g, (byte) => `%${byte}`)
}

function between(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
