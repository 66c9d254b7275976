import { checkOptions, show } from '@greenlit/core/engine'
import { checkString } from '../check-argument.ts'
import { encodeQuery } from '../encoding/encode-query.ts'
import { prepareUrl } from '../url/prepare-url.ts'
import { withoutFragment } from '../url/without-fragment.ts'
import { startTags, startTagsInSteps } from './start-tags.ts'
import { runToEnd } from './steps.ts'

/** A link on a page. */
export interface PageLink {
  /** The absolute URL of the target, without fragment. */
  readonly url: string
  /** The name of the element, in lower case. */
  readonly tag: string
  /** The tokens of its `rel` attribute, in lower case. */
  readonly rel: readonly string[]
}

/** Options of `extractLinks`. */
export interface ExtractLinksOptions {
  /** The encoding that the page was in. As in browsers, the queries of its links are encoded in it. Default UTF-8. */
  readonly encoding?: string | undefined
}

/** Elements that link to pages, and the attribute that holds the URL. */
const LEADING: Readonly<Record<string, string>> = { a: 'href', area: 'href', iframe: 'src', frame: 'src' }
const isWanted = (tag: string): boolean => tag === 'base' || tag === 'meta' || Object.hasOwn(LEADING, tag)
/** `5; url=/next` (WHATWG HTML 4.2.5.3, refresh). */
const REFRESH = /^\s*[\d.]+[\s;,]+(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(.*))/is

/**
 * Extracts the links of an HTML page to other pages: those of `a`, `area`, `frame` and `iframe`, and of a `meta` refresh. Each URL is
 * listed once, in page order. Parsing follows browsers where it matters: comments, scripts and quoted `>` are ignored, `base` takes
 * effect wherever it is, and broken markup is tolerated.
 *
 * @param html the page
 * @param base the URL of the page
 * @param options see `ExtractLinksOptions`
 * @returns the http and https links; those longer than 64 KiB are left out
 * @example
 * extractLinks('<a href="../b#top">b</a>', 'https://example.org/x/a')[0]!.url // 'https://example.org/b'
 */
export function extractLinks(html: string, base: string | URL, options?: ExtractLinksOptions): PageLink[] {
  checkString(html, 'html')
  if (!URL.canParse(base)) throw new TypeError(`Expected \`base\` to be an absolute URL, got ${show(base)}`)
  const { encoding } = checkOptions(options)
  return runToEnd(linksInSteps(html, base, encoding))
}

/**
 * Does what `extractLinks` does, yielding about once per link: a page may have a million.
 *
 * @param isXml whether the page is XHTML
 */
export function* linksInSteps(
  html: string,
  base: string | URL,
  encoding: string = 'utf-8',
  isXml: boolean = false,
): Generator<undefined, PageLink[]> {
  const { targets, baseTarget } = yield* targetsInSteps(html, isXml)
  const from = baseTarget === undefined ? new URL(base) : baseFrom(baseTarget, new URL(base))
  const links = new Map<string, PageLink>()
  for (const { target, tag, rel: words } of targets) {
    yield
    const url = resolve(encodeQuery(target, encoding), from)
    if (url === undefined) continue
    // A link that may be followed takes precedence over a nofollow link to the same page.
    if (links.get(url)?.rel.includes('nofollow') === false) continue
    const rel = words.toLowerCase().split(/\s+/).filter(Boolean)
    if (!links.has(url) || !rel.includes('nofollow')) links.set(url, { url, tag, rel })
  }
  return [...links.values()]
}

/** What a page says about a link. */
interface Target {
  readonly target: string
  readonly tag: string
  readonly rel: string
}

/** Collects the targets of a page's links as they are written, and that of its first `base`. */
function* targetsInSteps(
  html: string,
  isXml: boolean,
): Generator<undefined, { targets: Target[]; baseTarget: string | undefined }> {
  const targets: Target[] = []
  let baseTarget: string | undefined
  for (const start of startTagsInSteps(html, isWanted, isXml)) {
    yield
    if (start === undefined) continue
    const { tag, attributes } = start
    if (tag === 'base') {
      baseTarget ??= attributes.get('href')
      continue
    }
    const target = tag === 'meta' ? refreshOf(attributes) : attributes.get(LEADING[tag]!)
    if (target !== undefined) targets.push({ target, tag, rel: attributes.get('rel') ?? '' })
  }
  return { targets, baseTarget }
}

/** Returns the URL that the relative links of a page, which may be XHTML, are resolved against. */
export function baseOf(html: string, url: string, isXml: boolean): URL {
  for (const { attributes } of startTags(html, isBase, isXml)) {
    const target = attributes.get('href')
    if (target !== undefined) return baseFrom(target, new URL(url))
  }
  return new URL(url)
}

const isBase = (tag: string): boolean => tag === 'base'

/** Resolves the target of a `base` element; the page's own URL if that is not http or https. */
function baseFrom(target: string, page: URL): URL {
  const base = URL.canParse(target.trim(), page) ? new URL(target.trim(), page) : page
  return /^https?:$/.test(base.protocol) ? base : page
}

function refreshOf(attributes: ReadonlyMap<string, string>): string | undefined {
  if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'refresh') return undefined
  const found = REFRESH.exec(attributes.get('content') ?? '')
  // A refresh without a URL reloads the page.
  return found?.slice(1).find(Boolean)
}

function resolve(target: string, base: URL): string | undefined {
  // As in browsers, line breaks and tabs within a URL are removed.
  const text = target.trim().replace(/[\t\r\n]/g, '')
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) && !/^https?:/i.test(text)) return undefined
  try {
    return prepareUrl(withoutFragment(new URL(text, base).href)).target.href
  } catch {
    return undefined
  }
}
