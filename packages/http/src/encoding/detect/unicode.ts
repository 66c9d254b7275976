/** How much of a page is looked at for zeros. */
const LOOKED_AT = 4096

/** UTF-16 or UTF-32 without a byte order mark: zeros stand where ASCII characters have them. */
export function wideEncoding(bytes: Uint8Array): string | undefined {
  const size = Math.min(bytes.length, LOOKED_AT) & ~3
  const zeros = [0, 0, 0, 0]
  for (let at = 0; at < size; at += 1) if (bytes[at] === 0) zeros[at & 3]! += 1
  const [a, b, c, d] = zeros as [number, number, number, number]
  const quarter = size / 4
  if (size === 0 || a + b + c + d === 0) return undefined
  const most = quarter * 0.9
  if (a > most && b > most && c > most && d < quarter * 0.1) return 'utf-32be'
  if (d > most && c > most && b > most && a < quarter * 0.1) return 'utf-32le'
  const even = a + c
  const odd = b + d
  if (even > quarter * 0.2 && odd * 20 < even) return 'utf-16be'
  if (odd > quarter * 0.2 && even * 20 < odd) return 'utf-16le'
  return undefined
}

/** ISO-2022-JP: seven-bit text that escapes to the Japanese character sets (RFC 1468). */
export function isIso2022Jp(text: Uint8Array): boolean {
  const escapes = Buffer.from(text.buffer, text.byteOffset, text.byteLength)
  for (let at = escapes.indexOf(0x1b); at >= 0; at = escapes.indexOf(0x1b, at + 1)) {
    const code = escapes.toString('latin1', at + 1, at + 4)
    if (/^(?:\$[@B]|\(J|\(I|\$\(D)/.test(code)) return true
  }
  return false
}

/**
 * UTF-8 but for a character that the end cuts, or for few bytes among many characters: a page with one broken name stays what
 * the rest of it is.
 */
export function isNearlyUtf8(sample: Uint8Array): boolean {
  let whole = 0
  let broken = 0
  let at = 0
  while (at < sample.length) {
    const byte = sample[at]!
    const length =
      byte < 0x80
        ? 1
        : byte >= 0xc2 && byte < 0xe0
          ? 2
          : byte >= 0xe0 && byte < 0xf0
            ? 3
            : byte >= 0xf0 && byte < 0xf5
              ? 4
              : 0
    let tail = 1
    while (tail < length && at + tail < sample.length && (sample[at + tail]! & 0xc0) === 0x80) tail += 1
    if (length > 1 && tail === length) whole += 1
    else if (length !== 1 && at + tail < sample.length) broken += 1
    at += length === 0 ? 1 : tail
  }
  return whole > 0 && broken * 10 <= whole
}
