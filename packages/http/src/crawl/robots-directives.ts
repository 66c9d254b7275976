import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { productToken } from './product-token.ts'
import { startTagsInSteps } from './start-tags.ts'

/** What a page asks of crawlers (`<meta name="robots">` and `X-Robots-Tag`, as search engines read them). */
export interface RobotsDirectives {
  /** Whether it may be listed by a search engine. */
  readonly index: boolean
  /** Whether its links may be followed. */
  readonly follow: boolean
}

/** What is said to all crawlers. */
const TO_ALL = 'robots'
/** What begins like the name of a crawler, and is none: `unavailable_after: 25 Jun 2030`, `max-snippet: 20`. */
const WITH_VALUE = /^(?:unavailable_after|max-[a-z-]+)$/

/**
 * Reads what a page asks of a crawler, in steps; of what stands there several times, the strictest counts.
 *
 * @param html the page; empty if it is none
 * @param userAgent the crawler's name, as `greenlit` or a whole User-Agent header
 */
export function* directivesInSteps(
  headers: CaseInsensitiveDict,
  html: string,
  userAgent: string,
): Generator<undefined, RobotsDirectives> {
  const name = productToken(userAgent)
  const words = new Set<string>()
  for (const value of headers.getAll('X-Robots-Tag')) for (const word of wordsOf(value, name)) words.add(word)
  if (new RegExp(`name\\s*=\\s*(?:["']\\s*)?(?:${TO_ALL}|${name})`, 'i').test(html)) {
    for (const start of startTagsInSteps(html, isMeta)) {
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

/** A name may have digits, which no product token has. */
const isFor = (given: string, name: string): boolean => given === TO_ALL || productToken(given) === name

/** The words of an `X-Robots-Tag` that are meant for a crawler: `nofollow`, `other: noindex, greenlit: none`. */
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
