import type { Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { Crawler } from './crawler.ts'
import type { CrawlOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import type { CrawlStats } from './stats.ts'

/**
 * Crawls: fetches the seeds, has `handle` look at each page, follows the links of the page, and so on until no URL is left. Pages
 * are fetched side by side, of each host only so many and with the delays that it or you ask for; robots.txt is obeyed; each page
 * is fetched once however it is written; what fails for a while is tried again; only addresses of the public internet are connected to
 * unless `guard` says otherwise. A URL that fails fails alone.
 *
 * @param options see `CrawlOptions`
 * @returns how it went. A kill or timeout ends all requests at once; with a `journal` the crawl can go on later
 * @throws {TypeError} or {RangeError} at once for a wrong option; what the frontier, `onVisit` or `onProgress` throw
 * @example
 * const stats = yield* crawl({
 *   seeds: ['https://example.org/'],
 *   maxDepth: 2,
 *   *handle(page) {
 *     console.log(page.url, page.title)
 *   },
 * })
 */
export function crawl(options: CrawlOptions): Operation<CrawlStats> {
  const settings = settingsOf(options)
  return new Call<[], CrawlStats>(() => new Crawler(settings).run(), [])
}
