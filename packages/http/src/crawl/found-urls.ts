import { canonicalUrl } from '../url/canonical-url.ts'
import { acceptable } from './acceptable.ts'
import type { CrawlRequest } from './frontier/frontier.ts'
import type { CrawlSettings } from './settings.ts'

/** Makes requests of the URLs that a crawl finds: of those on its hosts that are not being visited under another name. */
export class FoundUrls {
  private readonly settings: CrawlSettings
  /** Where redirects led, while that is being fetched and handled, and the first request for it that was found meanwhile. */
  private readonly targets = new Map<string, CrawlRequest | undefined>()

  constructor(settings: CrawlSettings) {
    this.settings = settings
  }

  /** What tells a page from others. */
  keyOf(url: string | URL): string {
    return canonicalUrl(url, { queryOrder: this.settings.queryOrder })
  }

  /** Says that a page is being visited under another URL; `false` if it is already. */
  claim(key: string): boolean {
    if (this.targets.has(key)) return false
    this.targets.set(key, undefined)
    return true
  }

  /** Says that the visits under another URL are over; gives what was found meanwhile and led to the same pages. */
  release(keys: Iterable<string>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const key of keys) {
      const request = this.targets.get(key)
      if (request !== undefined) requests.push(request)
      this.targets.delete(key)
    }
    return requests
  }

  requestsFor(urls: readonly string[], common: Omit<CrawlRequest, 'url' | 'key'>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const given of urls) {
      const checked = acceptable(given, this.settings.queryOrder)
      if ('error' in checked || !this.settings.hosts.allows(checked.origin)) continue
      const { url, key = url } = checked
      const request = key === url ? { ...common, url } : { ...common, url, key }
      if (!this.targets.has(key)) requests.push(request)
      // It counts if the visit under the other URL comes to nothing.
      else if (this.targets.get(key) === undefined) this.targets.set(key, request)
    }
    return requests
  }
}
