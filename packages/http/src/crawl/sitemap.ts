import { checkString } from '../check-given.ts'
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

/** How long what stands for a URL may be. */
const LONGEST = 10_000
/** The images and videos of a page (Google's extensions) are no pages. */
const LOCATION = /<(?!(?:image|video):)(?:[\w.-]+:)?loc(?:\s[^<>]*)?>/gi
const FEED_LINK = /<link(\s[^<>]*)?>/gi

/**
 * Reads a sitemap: XML, an index of sitemaps, an RSS or Atom feed, or text with a URL a line (sitemaps.org protocol). Entities beside
 * XML's own five are not resolved.
 *
 * @param text the file; URLs after the first 50 000 are passed over
 * @example
 * parseSitemap('<urlset><url><loc>https://example.org/?a=1&amp;b=2</loc></url></urlset>').urls
 */
export function parseSitemap(text: string): Sitemap {
  checkString(text, 'text')
  const whole = text.replace(/^\uFEFF/, '').trimStart()
  if (!whole.startsWith('<')) return { urls: usable(whole.split(/\r\n?|\n/)), sitemaps: [] }
  // What is commented out is not listed. A comment without an end goes to that of the file.
  const plain = whole.replace(/<!--(?:.*?-->|.*$)/gs, '')
  const root = /<(?:[\w.-]+:)?(sitemapindex|urlset|rss|feed|rdf)[\s>]/i.exec(plain.slice(0, 10_000))?.[1]?.toLowerCase()
  if (root === 'sitemapindex') return { urls: [], sitemaps: usable(contentsOf(plain, LOCATION)) }
  const isFeed = root !== undefined && root !== 'urlset'
  return { urls: usable(isFeed ? contentsOf(itemsOf(plain), FEED_LINK) : contentsOf(plain, LOCATION)), sitemaps: [] }
}

/** The items of a feed, without what it says of itself in front. */
function itemsOf(feed: string): string {
  const start = feed.search(/<(?:item|entry)[\s>]/i)
  return start < 0 ? '' : feed.slice(start)
}

/** What stands in each element of a kind, or in the `href` of one that leads to a page. */
function* contentsOf(xml: string, tags: RegExp): Generator<string> {
  const opening = new RegExp(tags)
  for (let tag = opening.exec(xml); tag !== null; tag = opening.exec(xml)) {
    const href = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(tag[1] ?? '')
    if (href !== null) {
      if (/\srel\s*=\s*["'](?!alternate["'])/i.test(tag[1]!)) continue
      yield unescapeMarkup(href[1] ?? href[2]!)
      continue
    }
    const end = xml.indexOf('</', opening.lastIndex)
    if (end < 0) return
    if (end - opening.lastIndex < LONGEST) yield textOf(xml.slice(opening.lastIndex, end))
    opening.lastIndex = end
  }
}

/** Text with its sections of plain text, and without the tags that some wrap it in. */
function textOf(xml: string): string {
  // A section without an end goes to that of the text: each that begins would be looked at to there otherwise.
  return xml.replace(/<!\[CDATA\[(.*?)(?:\]\]>|$)|<[^<>]*>|([^<]+)/gs, (_, plain?: string, text?: string) =>
    text === undefined ? (plain ?? '') : unescapeMarkup(text),
  )
}

function usable(locations: Iterable<string>): string[] {
  const urls: string[] = []
  for (const location of locations) {
    const text = location.trim()
    if (/^https?:/i.test(text) && URL.canParse(text)) urls.push(text)
    if (urls.length === MOST) break
  }
  return urls
}
