import { canonicalUrl } from '../url/canonical-url.ts'
import { acceptable } from './acceptable.ts'
import type { CrawlRequest } from './frontier/frontier.ts'
import type { CrawlSettings } from './settings.ts'

/** Makes requests of the URLs that a crawl finds: of those on its hosts that are not being visited under another name. */
export class FoundUrls {
  private readonly settings: CrawlSettings
  /** Where redirects led, while that is being fetched and handled. */
  private readonly targets = new Set<string>()

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
    this.targets.add(key)
    return true
  }

  release(key: string): void {
    this.targets.delete(key)
  }

  requestsFor(urls: readonly string[], common: Omit<CrawlRequest, 'url' | 'key'>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const given of urls) {
      const checked = acceptable(given, this.settings.queryOrder)
      if ('error' in checked || !this.settings.hosts.allows(new URL(checked.url))) continue
      // It is added when the visit under the other URL is finished.
      if (this.targets.has(checked.key ?? checked.url)) continue
      requests.push(
        checked.key === undefined ? { ...common, url: checked.url } : { ...common, ...checked, key: checked.key },
      )
    }
    return requests
  }
}
