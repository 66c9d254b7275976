import { checkString } from '../check-argument.ts'
import { unescapeXml } from './xml-references.ts'

/** The content of a sitemap. */
export interface Sitemap {
  /** Pages, as absolute URLs. */
  readonly urls: readonly string[]
  /** Further sitemaps, as absolute URLs. */
  readonly sitemaps: readonly string[]
}

/** How many URLs one sitemap may list (sitemaps.org). */
const MAX_URLS = 50_000

/** The longest content of an element that is considered a URL. */
const MAX_CONTENT = 10_000
/** Excludes the images and videos of a page (Google's extensions), which are not pages. */
const LOCATION = /<(?!(?:image|video):)(?:[\w.-]+:)?loc(?:\s[^<>]*)?>/gi
const FEED_LINK = /<link(\s[^<>]*)?>/gi

/**
 * Parses a sitemap: XML, a sitemap index, an RSS or Atom feed, or text with one URL per line (sitemaps.org protocol). Only the five
 * entities predefined by XML are resolved.
 *
 * @param text the content of the file; URLs after the first 50 000 are ignored
 * @example
 * parseSitemap('<urlset><url><loc>https://example.org/?a=1&amp;b=2</loc></url></urlset>').urls
 */
export function parseSitemap(text: string): Sitemap {
  checkString(text, 'text')
  const whole = text.replace(/^\uFEFF/, '').trimStart()
  if (!whole.startsWith('<')) return { urls: httpUrls(whole.split(/\r\n?|\n/)), sitemaps: [] }
  const plain = withoutSections(whole)
  const root = /<(?:[\w.-]+:)?(sitemapindex|urlset|rss|feed|rdf)[\s>]/i.exec(plain.slice(0, 10_000))?.[1]?.toLowerCase()
  if (root === 'sitemapindex') return { urls: [], sitemaps: httpUrls(contentsOf(plain, LOCATION)) }
  const isFeed = root !== undefined && root !== 'urlset'
  return { urls: httpUrls(isFeed ? contentsOf(itemsOf(plain), FEED_LINK) : contentsOf(plain, LOCATION)), sitemaps: [] }
}

/** Removes comments, and CDATA sections that contain markup, as feeds quote whole pages. An unclosed one extends to the end of the file. */
function withoutSections(xml: string): string {
  return xml.replace(/<!--(?:.*?-->|.*$)|<!\[CDATA\[(.*?)(?:\]\]>|$)/gs, (section, quoted: string = '<') =>
    quoted.includes('<') ? '' : section,
  )
}

/** Returns the items of a feed, without the feed's own metadata before them. */
function itemsOf(feed: string): string {
  const start = feed.search(/<(?:item|entry)[\s>]/i)
  return start < 0 ? '' : feed.slice(start)
}

/** Yields the content of each matching element, or its `href` if it has one that links to a page. */
function* contentsOf(xml: string, tags: RegExp): Generator<string> {
  const opening = new RegExp(tags)
  for (let tag = opening.exec(xml); tag !== null; tag = opening.exec(xml)) {
    const href = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag[1] ?? '')
    if (href !== null) {
      if (/\srel\s*=\s*["'](?!alternate["'])/i.test(tag[1]!)) continue
      yield unescapeXml(href[1] ?? href[2]!)
      continue
    }
    const end = xml.indexOf('</', opening.lastIndex)
    if (end < 0) return
    if (end - opening.lastIndex < MAX_CONTENT) yield textOf(xml.slice(opening.lastIndex, end))
    opening.lastIndex = end
  }
}

/** Returns the text of an element: CDATA sections are unwrapped, and tags that some put around it are removed. */
function textOf(xml: string): string {
  // An unclosed CDATA section extends to the end. Otherwise each of many openings would scan to the end, in quadratic time.
  return xml.replace(/<!\[CDATA\[(.*?)(?:\]\]>|$)|<[^<>]*>|([^<]+)/gs, (_, plain?: string, text?: string) =>
    text === undefined ? (plain ?? '') : unescapeXml(text),
  )
}

function httpUrls(locations: Iterable<string>): string[] {
  const urls: string[] = []
  for (const location of locations) {
    const text = location.trim()
    if (/^https?:/i.test(text) && URL.canParse(text)) urls.push(text)
    if (urls.length === MAX_URLS) break
  }
  return urls
}
