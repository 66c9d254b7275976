/**
 * The name that a crawler goes by in robots.txt: what its User-Agent begins with, or, where that begins as a browser's does, what stands
 * behind `compatible;` (RFC 9309 section 2.2.1).
 *
 * @returns letters, `_` and `-`, in lower case; empty if there are none
 * @example
 * productToken('Mozilla/5.0 (compatible; Greenlit/1.0; +https://example.org/bot)') // 'greenlit'
 */
export function productToken(userAgent: string): string {
  const inside = /^mozilla\/.*?\bcompatible;\s*([a-z_-]+)/i.exec(userAgent)?.[1]
  return (inside ?? /^[a-z_-]+/i.exec(userAgent)?.[0] ?? '').toLowerCase()
}
