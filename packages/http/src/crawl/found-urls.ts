import { canonicalUrl } from '../url/canonical-url.ts'
import { crawlableUrl } from './crawlable-url.ts'
import type { CrawlRequest } from './frontier/frontier.ts'
import type { CrawlSettings } from './settings.ts'

/** Turns the URLs that a crawl finds into requests: those on its hosts that are not being visited under another URL already. */
export class FoundUrls {
  private readonly settings: CrawlSettings
  /** Targets of redirects that are being fetched and handled, by key, each with the first request found for it meanwhile. */
  private readonly targets = new Map<string, CrawlRequest | undefined>()

  constructor(settings: CrawlSettings) {
    this.settings = settings
  }

  /** Returns the key that identifies a page. */
  keyOf(url: string | URL): string {
    return canonicalUrl(url, { queryOrder: this.settings.queryOrder })
  }

  /** Records that a page is being visited under another URL. Returns false if it already is. */
  claim(key: string): boolean {
    if (this.targets.has(key)) return false
    this.targets.set(key, undefined)
    return true
  }

  /** Records that visits under another URL have ended. Returns the requests found meanwhile for the same pages. */
  release(keys: Iterable<string>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const key of keys) {
      const request = this.targets.get(key)
      if (request !== undefined) requests.push(request)
      this.targets.delete(key)
    }
    return requests
  }

  /** Returns requests for the URLs that may be crawled, with `common` as their other fields. */
  requestsFor(urls: readonly string[], common: Omit<CrawlRequest, 'url' | 'key'>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const given of urls) {
      const checked = crawlableUrl(given, this.settings.queryOrder)
      if ('error' in checked || !this.settings.hosts.allows(checked.origin)) continue
      const { url, key = url } = checked
      const request = key === url ? { ...common, url } : { ...common, url, key }
      if (!this.targets.has(key)) requests.push(request)
      // Kept in case the visit under the other URL fails.
      else if (this.targets.get(key) === undefined) this.targets.set(key, request)
    }
    return requests
  }
}
