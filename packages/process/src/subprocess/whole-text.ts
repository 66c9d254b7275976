/**
 * The number of leading bytes, at most `length`, that form whole text: they end neither within a character nor within `\r\n`. The
 * remainder is left for the next read.
 *
 * @param bytes the bytes that have arrived
 * @param length the number of bytes wanted
 * @param width the character width of the encoding
 * @param ended whether the input has ended: an incomplete last character is then included
 */
export function wholeTextLength(bytes: Buffer, length: number, width: CharacterWidth, ended: boolean): number {
  const isAll = length === bytes.length
  if (isAll && ended) return length
  let whole = length
  if (width === 'utf16') whole -= whole % 2
  else if (width === 'utf8') whole = wholeUtf8(bytes, whole)
  const unit = width === 'utf16' ? 2 : 1
  const last = whole < unit ? undefined : unit === 2 ? bytes.readUInt16LE(whole - 2) : bytes[whole - 1]
  if (unit === 2 && last !== undefined && last >= 0xd800 && last < 0xdc00) return whole - unit
  if (last !== CARRIAGE_RETURN) return whole
  // A final `\r` may be followed by a `\n`: either the next character, or one that has not arrived yet.
  const isKnown = whole + unit <= bytes.length
  const next = isKnown ? (unit === 2 ? bytes.readUInt16LE(whole) : bytes[whole]) : NEWLINE
  return next === NEWLINE ? whole - unit : whole
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** How an encoding represents characters: UTF-8, UTF-16, or one byte each. */
export type CharacterWidth = 'utf8' | 'utf16' | 'one'

/** The character width of an encoding. */
export function widthOf(encoding: BufferEncoding): CharacterWidth {
  if (/^(utf-?16le|ucs-?2)$/i.test(encoding)) return 'utf16'
  return /^utf-?8$/i.test(encoding) ? 'utf8' : 'one'
}

function wholeUtf8(bytes: Buffer, length: number): number {
  // A character has at most four bytes, and its first byte determines how many.
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return size > back ? length - back : length
  }
  return length
}
