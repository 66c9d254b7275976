import { InvalidURL } from '../errors/invalid-url.ts'
import { canonicalUrl } from '../url/canonical-url.ts'
import { prepareUrl, withoutUserinfo } from '../url/prepare-url.ts'
import { withoutFragment } from '../url/without-fragment.ts'

/** The longest URL that is crawled: longer ones are made by traps (scrapy: URLLENGTH_LIMIT). */
const LONGEST_URL = 2083

/** A URL that can be crawled. */
export interface Acceptable {
  /** As it is requested, without fragment, user name and password. */
  readonly url: string
  /** What tells the page from others, where that is not its URL. */
  readonly key: string | undefined
  /** Scheme, host and port alone. */
  readonly origin: URL
}

/** A URL that cannot. */
export interface Refused {
  /** As it may be shown. */
  readonly shown: string
  readonly error: Error
}

/** Checks a URL, and finds its one form. */
export function acceptable(given: string | URL, queryOrder: 'sort' | 'keep'): Acceptable | Refused {
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
