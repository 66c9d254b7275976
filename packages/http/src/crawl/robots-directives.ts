import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { productToken } from './product-token.ts'
import { startTagsInSteps } from './start-tags.ts'

/** The directives of a page for crawlers (`<meta name="robots">` and `X-Robots-Tag`, as search engines read them). */
export interface RobotsDirectives {
  /** Whether search engines may index the page. */
  readonly index: boolean
  /** Whether the page's links may be followed. */
  readonly follow: boolean
}

/** The name that addresses all crawlers. */
const TO_ALL = 'robots'
/** Directives that could be mistaken for the name of a crawler: `unavailable_after: 25 Jun 2030`, `max-snippet: 20`. */
const WITH_VALUE = /^(?:unavailable_after|max-[a-z-]+)$/

/**
 * Reads the directives of a page for a crawler, yielding about once per tag. Of several directives the strictest applies.
 *
 * @param html the page; empty if it is not HTML
 * @param userAgent the crawler's name, such as `greenlit`, or a whole User-Agent header
 * @param isXml whether the page is XHTML
 */
export function* directivesInSteps(
  headers: CaseInsensitiveDict,
  html: string,
  userAgent: string,
  isXml: boolean = false,
): Generator<undefined, RobotsDirectives> {
  const name = productToken(userAgent)
  const words = new Set<string>()
  for (const value of headers.getAll('X-Robots-Tag')) for (const word of wordsOf(value, name)) words.add(word)
  if (new RegExp(`name\\s*=\\s*(?:["']\\s*)?(?:${TO_ALL}|${name})`, 'i').test(html)) {
    for (const start of startTagsInSteps(html, isMeta, isXml)) {
      yield
      if (start === undefined) continue
      const { attributes } = start
      const to = attributes.get('name')?.trim().toLowerCase()
      if (to === undefined || !isFor(to, name)) continue
      for (const word of (attributes.get('content') ?? '').toLowerCase().split(/[\s,]+/)) words.add(word)
    }
  }
  const isNone = words.has('none')
  return { index: !isNone && !words.has('noindex'), follow: !isNone && !words.has('nofollow') }
}

const isMeta = (tag: string): boolean => tag === 'meta'

/** Whether a name addresses the crawler. It is reduced to its product token, as it may contain digits, which a token does not. */
const isFor = (given: string, name: string): boolean => given === TO_ALL || productToken(given) === name

/** Returns the words of an `X-Robots-Tag` that are meant for a crawler: `nofollow`, `other: noindex, greenlit: none`. */
function wordsOf(value: string, name: string): string[] {
  const words: string[] = []
  let isMeant = true
  for (const part of value.toLowerCase().split(',')) {
    const named = /^\s*([\w-]+)\s*:\s*(.*)$/.exec(part)
    const rest = named === null || WITH_VALUE.test(named[1]!) ? part : named[2]!
    if (rest !== part) isMeant = isFor(named![1]!, name)
    if (isMeant) words.push(...rest.trim().split(/\s+/))
  }
  return words
}
