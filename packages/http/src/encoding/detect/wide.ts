/** How many bytes of a page are examined. */
const LOOKED_AT = 4096

/**
 * Recognises UTF-16 and UTF-32 without a byte order mark: there are zeros in the positions where ASCII characters have them, or bytes
 * that no single-byte text contains in the positions where alphabetic characters or East Asian punctuation have them.
 */
export function wideEncoding(bytes: Uint8Array): string | undefined {
  const size = Math.min(bytes.length, LOOKED_AT) & ~1
  const zeros = [0, 0, 0, 0]
  let rare = 0
  let high = 0
  for (let at = 0; at < size; at += 1) {
    const byte = bytes[at]!
    if (byte === 0) zeros[at & 3]! += 1
    else if (byte >= 0x80) high += 1
    else if (isRare(byte)) rare += 1
  }
  const all = zeros[0]! + zeros[1]! + zeros[2]! + zeros[3]!
  if (all + rare === 0) return undefined
  // If everything else is ASCII, it is UTF-16 only if about every character has a zero, not just every word: words may be separated
  // by zeros.
  if (all > 0 && (high + rare > 0 || all * 3 > size)) {
    const found = byZeros(zeros, size)
    if (found !== undefined) return found
  }
  // A few stray bytes are no evidence.
  if ((all + rare) * 64 < size) return undefined
  return byAlphabet(bytes, size) ?? (high * 10 > size ? byCharacters(bytes, size) : undefined)
}

/** Whether a byte is a control character that text does not contain. Escape is excluded, as ISO-2022-JP uses it. */
function isRare(byte: number): boolean {
  return byte < 0x20 && byte !== 0x1b && (byte < 0x09 || byte > 0x0d || byte === 0x0b)
}

function byZeros(zeros: readonly number[], size: number): string | undefined {
  const [a, b, c, d] = zeros as [number, number, number, number]
  const quarter = size / 4
  const most = quarter * 0.9
  if (a > most && b > most && c > most && d < quarter * 0.1) return 'utf-32be'
  if (d > most && c > most && b > most && a < quarter * 0.1) return 'utf-32le'
  const even = a + c
  const odd = b + d
  if (even > quarter * 0.2 && odd * 20 < even) return 'utf-16be'
  if (odd > quarter * 0.2 && even * 20 < odd) return 'utf-16le'
  return undefined
}

/** Recognises alphabetic text. Its characters are below U+1100, so one byte of each pair is small, always on the same side. */
function byAlphabet(bytes: Uint8Array, size: number): string | undefined {
  for (const [encoding, side] of [
    ['utf-16be', 0],
    ['utf-16le', 1],
  ] as const) {
    let zeros = 0
    let small = 0
    let blank = 0
    let others = 0
    for (let at = side; at < size; at += 2) {
      const byte = bytes[at]!
      if (byte === 0) zeros += 1
      else if (isRare(byte) && byte <= 0x10) small += 1
      else if (byte <= 0x0d) blank += 1
      const other = bytes[at ^ 1]!
      if (other === 0 || isRare(other)) others += 1
    }
    // In a table every second byte may be a tab. Only if there are zeros, such as those of two-byte spaces, are they not tabs.
    const count = zeros + small + (zeros > 0 ? blank : 0)
    if (count * 2 > size * 0.6 && others * 2 < size * 0.2) return encoding
  }
  return undefined
}

/** Checks in which byte order nearly all characters are plausible. If both are, punctuation and kana decide. */
function byCharacters(bytes: Uint8Array, size: number): string | undefined {
  const big = textOf(bytes, size, 0)
  const little = textOf(bytes, size, 1)
  if (Math.max(big.share, little.share) < 0.95) return undefined
  // The bytes of Shift_JIS and similar encodings are Chinese characters in UTF-16, but hardly any text is without punctuation.
  if (Math.max(big.marks, little.marks) < 0.02) return undefined
  const lead = big.share + big.marks - little.share - little.marks
  return Math.abs(lead) < 0.1 ? undefined : lead > 0 ? 'utf-16be' : 'utf-16le'
}

/** Returns the share of plausible characters, and that of kana, East Asian punctuation, ASCII and Latin-1. */
function textOf(bytes: Uint8Array, size: number, side: 0 | 1): { share: number; marks: number } {
  let text = 0
  let marks = 0
  let korean = 0
  let spaces = 0
  for (let at = 0; at < size; at += 2) {
    const high = bytes[at + side]!
    const unit = high * 256 + bytes[at + 1 - side]!
    if (unit === 0x20) spaces += 1
    if (high === 0x30 || high === 0xff || high === 0) marks += 1
    if (unit >= 0xac00 && unit < 0xd7a4) korean += 1
    else if (isWritten(unit, high)) text += 1
  }
  // The bytes of GBK and similar encodings are Korean syllables in UTF-16, but Korean text has spaces.
  const share = (text + (spaces > 0 ? korean : 0)) / (size / 2)
  return { share, marks: marks / (size / 2) }
}

function isWritten(unit: number, high: number): boolean {
  if (high === 0)
    return unit === 0x09 || unit === 0x0a || unit === 0x0d || (unit >= 0x20 && unit < 0x7f) || unit >= 0xa0
  if (high < 0x20) return high !== 0x07 && high !== 0x08
  return (
    (high >= 0x34 && high < 0xa0) ||
    (high >= 0xd8 && high < 0xe0) ||
    high === 0x20 ||
    high === 0x21 ||
    high === 0x30 ||
    (high === 0xff && unit < 0xfff0)
  )
}
