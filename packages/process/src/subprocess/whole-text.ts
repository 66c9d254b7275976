/**
 * How many of the first bytes make whole text: no character and no `\r\n` is cut in two. What is cut off comes with the next bytes.
 *
 * @param bytes what has come
 * @param length how many of them are wanted
 * @param width of the encoding's characters
 * @param ended whether nothing more comes: then a rest that is no whole character is text like any other
 */
export function wholeText(bytes: Buffer, length: number, width: CharacterWidth, ended: boolean): number {
  const isAll = length === bytes.length
  if (isAll && ended) return length
  let whole = length
  if (width === 'utf16') whole -= whole % 2
  else if (width === 'utf8') whole = wholeUtf8(bytes, whole)
  const unit = width === 'utf16' ? 2 : 1
  const last = whole < unit ? undefined : unit === 2 ? bytes.readUInt16LE(whole - 2) : bytes[whole - 1]
  if (unit === 2 && last !== undefined && last >= 0xd800 && last < 0xdc00) return whole - unit
  if (last !== CARRIAGE_RETURN) return whole
  // Only what is not there yet can be the `\n` of a last `\r`, or what stands right behind it.
  const isKnown = whole + unit <= bytes.length
  const next = isKnown ? (unit === 2 ? bytes.readUInt16LE(whole) : bytes[whole]) : NEWLINE
  return next === NEWLINE ? whole - unit : whole
}

const NEWLINE = 10
const CARRIAGE_RETURN = 13

/** How many bytes the characters of an encoding have. */
export type CharacterWidth = 'utf8' | 'utf16' | 'one'

/** How wide the characters of an encoding are. */
export function widthOf(encoding: BufferEncoding): CharacterWidth {
  if (/^(utf-?16le|ucs-?2)$/i.test(encoding)) return 'utf16'
  return /^utf-?8$/i.test(encoding) ? 'utf8' : 'one'
}

function wholeUtf8(bytes: Buffer, length: number): number {
  // A character has at most four bytes, of which the first tells how many.
  for (let back = 1; back <= Math.min(3, length); back += 1) {
    const byte = bytes[length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    const size = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return size > back ? length - back : length
  }
  return length
}
