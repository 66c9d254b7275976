import { InvalidURL } from '../errors/invalid-url.ts'
import { canonicalUrl } from '../url/canonical-url.ts'
import { prepareUrl, withoutUserinfo } from '../url/prepare-url.ts'
import { withoutFragment } from '../url/without-fragment.ts'

/** The longest URL that is crawled. Longer ones come from crawler traps (scrapy: URLLENGTH_LIMIT). */
const LONGEST_URL = 2083

/** A URL that can be crawled. */
export interface CrawlableUrl {
  /** The URL to request, without fragment, user name and password. */
  readonly url: string
  /** The canonical URL, which identifies the page; `undefined` if it equals `url`. */
  readonly key: string | undefined
  /** Scheme, host and port only. */
  readonly origin: URL
}

/** A URL that cannot be crawled. */
export interface RejectedUrl {
  /** The URL in a form that is safe to show: shortened, without user name and password. */
  readonly shown: string
  readonly error: Error
}

/** Checks and normalises a URL. */
export function crawlableUrl(given: string | URL, queryOrder: 'sort' | 'keep'): CrawlableUrl | RejectedUrl {
  try {
    const { href, origin } = prepareUrl(given).target
    const url = withoutFragment(href)
    if (url.length > LONGEST_URL) {
      throw new InvalidURL(`Expected a URL of ${LONGEST_URL} characters at most, got ${url.length}`)
    }
    const key = canonicalUrl(url, { queryOrder })
    return { url, key: key === url ? undefined : key, origin }
  } catch (error) {
    return { shown: withoutUserinfo(String(given)).slice(0, LONGEST_URL), error: error as Error }
  }
}
