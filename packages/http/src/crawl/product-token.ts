/**
 * Returns the name that identifies a crawler in robots.txt: the start of its User-Agent, or if that begins like a browser's, what
 * follows `compatible;` (RFC 9309 section 2.2.1). Unlike in the RFC it may contain digits, dots and letters of any script, so that
 * `MJ12bot` is not `MJ`.
 *
 * @returns the name in lower case; empty if there is none
 * @example
 * productToken('Mozilla/5.0 (compatible; Greenlit/1.0; +https://example.org/bot)') // 'greenlit'
 */
export function productToken(userAgent: string): string {
  const inside = /^mozilla\/.*?\bcompatible;\s*([\p{L}\p{N}_.-]+)/iu.exec(userAgent)?.[1]
  return (inside ?? /^[\p{L}\p{N}_.-]+/u.exec(userAgent)?.[0] ?? '').toLowerCase()
}
