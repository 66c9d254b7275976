import { show } from '@greenlit/core/engine'
import { unescapeMarkup } from './markup.ts'

/** What a sitemap lists. */
export interface Sitemap {
  /** Pages, as absolute URLs. */
  readonly urls: readonly string[]
  /** Further sitemaps, as absolute URLs. */
  readonly sitemaps: readonly string[]
}

/** How many URLs one sitemap may list (sitemaps.org). */
const MOST = 50_000

/**
 * Reads a sitemap: XML, an index of sitemaps, or text with a URL a line (sitemaps.org protocol). Entities beside XML's own five are
 * not resolved.
 *
 * @param text the file; URLs after the first 50 000 are passed over
 * @example
 * parseSitemap('<urlset><url><loc>https://example.org/?a=1&amp;b=2</loc></url></urlset>').urls
 */
export function parseSitemap(text: string): Sitemap {
  if (typeof text !== 'string') throw new TypeError(`Expected \`text\` to be a string, got ${show(text)}`)
  const whole = text.replace(/^\uFEFF/, '').trimStart()
  if (!whole.startsWith('<')) return { urls: usable(whole.split(/\r\n?|\n/)), sitemaps: [] }
  // What is commented out is not listed. A comment without an end goes to that of the file.
  const plain = whole.replace(/<!--(?:.*?-->|.*$)/gs, '').trimStart()
  const found: string[] = []
  // The images and videos of a page (Google's extensions) are no pages.
  const opening = /<(?!(?:image|video):)(?:[\w.-]+:)?loc(?:\s[^<>]*)?>/gi
  for (let tag = opening.exec(plain); tag !== null && found.length < MOST; tag = opening.exec(plain)) {
    const end = plain.indexOf('</', opening.lastIndex)
    if (end < 0) break
    const inside = plain.slice(opening.lastIndex, end).trim()
    const marked = /^<!\[CDATA\[(.*?)\]\]>$/s.exec(inside)
    found.push(marked === null ? unescapeMarkup(inside) : marked[1]!.trim())
  }
  const root = /<(?:[\w.-]+:)?(sitemapindex|urlset)[\s>]/i.exec(plain.slice(0, 10_000))
  const isIndex = root?.[1]?.toLowerCase() === 'sitemapindex'
  const urls = usable(found)
  return isIndex ? { urls: [], sitemaps: urls } : { urls, sitemaps: [] }
}

function usable(locations: readonly string[]): string[] {
  const urls: string[] = []
  for (const location of locations) {
    const text = location.trim()
    if (/^https?:/i.test(text) && URL.canParse(text)) urls.push(text)
    if (urls.length === MOST) break
  }
  return urls
}
