/**
 * Strips the optional white space around a header's value, or a part of it (RFC 9110 section 5.6.3). `String.prototype.trim` would
 * also strip no-break spaces, which are the last byte of `à` and other letters in UTF-8, and a regular expression would take
 * quadratic time on long runs of spaces.
 */
export function trimWhitespace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
