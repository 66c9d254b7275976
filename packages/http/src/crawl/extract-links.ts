import { checkOptions } from '@greenlit/core/engine'
import { checkString } from '../check-given.ts'
import { encodeQuery } from '../encoding/encode-query.ts'
import { prepareUrl } from '../url/prepare-url.ts'
import { withoutFragment } from '../url/without-fragment.ts'
import { startTags, startTagsInSteps } from './start-tags.ts'
import { atOnce } from './steps.ts'

/** A link of a page. */
export interface PageLink {
  /** Where it leads, absolute, without fragment. */
  readonly url: string
  /** The element that holds it, in lower case. */
  readonly tag: string
  /** The words of its `rel`, in lower case. */
  readonly rel: readonly string[]
}

/** How a page is read. */
export interface ExtractLinksOptions {
  /** What the page was decoded from: the queries of its links are sent in it, as browsers do. Default UTF-8. */
  readonly encoding?: string | undefined
}

/** Elements that lead to pages, and the attribute that says where. */
const LEADING: Readonly<Record<string, string>> = { a: 'href', area: 'href', iframe: 'src', frame: 'src' }
const isWanted = (tag: string): boolean => tag === 'base' || tag === 'meta' || Object.hasOwn(LEADING, tag)
/** `5; url=/next` (WHATWG HTML 4.2.5.3, refresh). */
const REFRESH = /^\s*[\d.]+[\s;,]+(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(.*))/is

/**
 * The links of an HTML page to other pages: of `a`, `area`, `frame`, `iframe`, and of a `meta` that refreshes to another; each URL once,
 * in the order of the page. It is read as browsers do where that matters: comments, scripts and quoted `>` do not count, `base` does
 * wherever it stands, and no markup is too broken.
 *
 * @param html the page
 * @param base the URL that it came from
 * @param options see `ExtractLinksOptions`
 * @returns links of http and https only, and none of more than 64 KiB
 * @example
 * extractLinks('<a href="../b#top">b</a>', 'https://example.org/x/a')[0]!.url // 'https://example.org/b'
 */
export function extractLinks(html: string, base: string | URL, options?: ExtractLinksOptions): PageLink[] {
  checkString(html, 'html')
  const { encoding } = checkOptions(options)
  return atOnce(linksInSteps(html, base, encoding))
}

/** The same in steps, each of which takes as long as a link: a page may have a million. */
export function* linksInSteps(
  html: string,
  base: string | URL,
  encoding: string = 'utf-8',
): Generator<undefined, PageLink[]> {
  let from = new URL(base)
  let hasBase = false
  const found: { readonly target: string; readonly tag: string; readonly rel: string }[] = []
  for (const start of startTagsInSteps(html, isWanted)) {
    yield
    if (start === undefined) continue
    const { tag, attributes } = start
    const target = tag === 'meta' ? refreshOf(attributes) : attributes.get(tag === 'base' ? 'href' : LEADING[tag]!)
    if (target === undefined) continue
    if (tag !== 'base') {
      found.push({ target, tag, rel: attributes.get('rel') ?? '' })
    } else if (!hasBase) {
      hasBase = true
      from = baseFrom(target, from)
    }
  }
  const links = new Map<string, PageLink>()
  for (const { target, tag, rel: words } of found) {
    yield
    const url = resolve(encodeQuery(target, encoding), from)
    if (url === undefined) continue
    // A link that may be followed counts more than one to the same page that may not.
    if (links.get(url)?.rel.includes('nofollow') === false) continue
    const rel = words.toLowerCase().split(/\s+/).filter(Boolean)
    if (!links.has(url) || !rel.includes('nofollow')) links.set(url, { url, tag, rel })
  }
  return [...links.values()]
}

/** What the relative links of a page begin at. */
export function baseOf(html: string, url: string): URL {
  for (const { attributes } of startTags(html, isBase)) {
    const target = attributes.get('href')
    if (target !== undefined) return baseFrom(target, new URL(url))
  }
  return new URL(url)
}

const isBase = (tag: string): boolean => tag === 'base'

/** Where a `base` leads; nowhere else if it is off the web. */
function baseFrom(target: string, page: URL): URL {
  const base = URL.canParse(target.trim(), page) ? new URL(target.trim(), page) : page
  return /^https?:$/.test(base.protocol) ? base : page
}

function refreshOf(attributes: ReadonlyMap<string, string>): string | undefined {
  if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'refresh') return undefined
  const found = REFRESH.exec(attributes.get('content') ?? '')
  // Without a URL it loads the page anew.
  return found?.slice(1).find(Boolean)
}

function resolve(target: string, base: URL): string | undefined {
  // Line ends and tabs within a URL are left out, as browsers do.
  const text = target.trim().replace(/[\t\r\n]/g, '')
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^https?:/i.test(text)) return undefined
  try {
    return prepareUrl(withoutFragment(new URL(text, base).href)).target.href
  } catch {
    return undefined
  }
}
