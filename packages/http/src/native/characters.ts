/** RFC 9110 section 5.6.2: the signs of a token, beside letters and digits. */
const SIGNS = "!#$%&'*+-.^_`|~"

const IN_TOKEN = 1
const IN_VALUE = 2

/** What each byte may be part of. */
const KINDS = new Uint8Array(256)
for (let byte = 0; byte < 256; byte += 1) {
  const isAlphanumeric = /[0-9A-Za-z]/.test(String.fromCharCode(byte))
  if (isAlphanumeric || SIGNS.includes(String.fromCharCode(byte))) KINDS[byte]! |= IN_TOKEN
  // RFC 9110 section 5.5: no controls but the tab.
  if (byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)) KINDS[byte]! |= IN_VALUE
}

export const TAB = 0x09
export const LINE_FEED = 0x0a
export const CARRIAGE_RETURN = 0x0d
export const SPACE = 0x20
export const COLON = 0x3a

/** Whether a byte may stand in the name of a header, as in any token. */
export function isTokenByte(byte: number): boolean {
  return (KINDS[byte]! & IN_TOKEN) !== 0
}

/** Whether a byte may stand in the value of a header. */
export function isValueByte(byte: number): boolean {
  return (KINDS[byte]! & IN_VALUE) !== 0
}
