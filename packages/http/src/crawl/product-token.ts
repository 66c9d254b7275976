/**
 * Returns the name that identifies a crawler in robots.txt: the start of its User-Agent, or if that begins like a browser's, what
 * follows `compatible;` (RFC 9309 section 2.2.1).
 *
 * @returns letters, `_` and `-` in lower case; empty if there is no such name
 * @example
 * productToken('Mozilla/5.0 (compatible; Greenlit/1.0; +https://example.org/bot)') // 'greenlit'
 */
export function productToken(userAgent: string): string {
  const inside = /^mozilla\/.*?\bcompatible;\s*([a-z_-]+)/i.exec(userAgent)?.[1]
  return (inside ?? /^[a-z_-]+/i.exec(userAgent)?.[0] ?? '').toLowerCase()
}
