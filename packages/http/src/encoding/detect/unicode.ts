/** Whether text is ISO-2022-JP: 7-bit text with escape sequences for Japanese character sets (RFC 1468). */
export function isIso2022Jp(text: Uint8Array): boolean {
  const escapes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  for (let at = escapes.indexOf(0x1b); at >= 0; at = escapes.indexOf(0x1b, at + 1)) {
    const code = escapes.toString('latin1', at + 1, at + 4)
    if (/^(?:\$[@B]|\(J|\(I|\$\(D)/.test(code)) return true
  }
  return false
}

/**
 * Whether a sample is UTF-8 except for a character cut off at the end, or a few invalid bytes among many characters. A page with one
 * garbled name should not be taken for another encoding.
 */
export function isNearlyUtf8(sample: Uint8Array): boolean {
  let whole = 0
  let broken = 0
  let at = 0
  while (at < sample.length) {
    const length = lengthOf(sample[at]!)
    let tail = 1
    while (tail < length && at + tail < sample.length && (sample[at + tail]! & 0xc0) === 0x80) tail += 1
    if (length > 1 && tail === length) whole += 1
    else if (length !== 1 && at + tail < sample.length) broken += 1
    at += length === 0 ? 1 : tail
  }
  return whole > 0 && broken * 10 <= whole
}

/** Returns the length of the UTF-8 sequence that begins with a byte; 0 if none does. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}
