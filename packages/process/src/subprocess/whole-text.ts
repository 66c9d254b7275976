/**
 * How many of the first bytes make whole text: no character and no `\r\n` is cut in two. What is cut off comes with the next bytes.
 *
 * @param bytes what has come
 * @param length how many of them are wanted
 * @param encoding of the text
 * @param ended whether nothing more comes: then a rest that is no whole character is text like any other
 */
export function wholeText(bytes: Buffer, length: number, encoding: BufferEncoding, ended: boolean): number {
  const isAll = length === bytes.length
  if (isAll && ended) return length
  let whole = length
  if (isUtf16(encoding)) whole -= whole % 2
  else if (isUtf8(encoding)) whole = wholeUtf8(bytes, whole)
  const unit = isUtf16(encoding) ? 2 : 1
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

/** Whether it is UTF-8. */
export function isUtf8(encoding: string): boolean {
  return /^utf-?8$/i.test(encoding)
}

/** Whether it is UTF-16. */
export function isUtf16(encoding: string): boolean {
  return /^(utf-?16le|ucs-?2)$/i.test(encoding)
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
