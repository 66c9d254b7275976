/** The characters of a token besides letters and digits (RFC 9110 section 5.6.2). */
const SIGNS = "!#$%&'*+-.^_`|~"

const IN_TOKEN = 1
const IN_VALUE = 2

/** A bit set for each byte: where it may occur. */
const KINDS = new Uint8Array(256)
for (let byte = 0; byte < 256; byte += 1) {
  const isAlphanumeric = /[0-9A-Za-z]/.test(String.fromCharCode(byte))
  if (isAlphanumeric || SIGNS.includes(String.fromCharCode(byte))) KINDS[byte]! |= IN_TOKEN
  // No control characters except tab (RFC 9110 section 5.5).
  if (byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)) KINDS[byte]! |= IN_VALUE
}

export const TAB = 0x09
export const LINE_FEED = 0x0a
export const CARRIAGE_RETURN = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a

/** Whether a byte may occur in a token, such as a header name. */
export function isTokenByte(byte: number): boolean {
  return (KINDS[byte]! & IN_TOKEN) !== 0
}

/** Whether a byte may occur in a header value. */
export function isValueByte(byte: number): boolean {
  return (KINDS[byte]! & IN_VALUE) !== 0
}
