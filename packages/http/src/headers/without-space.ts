/**
 * A header's value, or a part of it, without the white space around it (RFC 9110 section 5.6.3). `trim` also takes no-break spaces, which are
 * the last byte of `à` and others in UTF-8, and a pattern would look at each of many spaces within again and again.
 */
export function withoutSpace(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
