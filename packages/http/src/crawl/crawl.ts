import type { Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { Crawler } from './crawler.ts'
import type { CrawlOptions } from './options.ts'
import { settingsOf } from './settings.ts'
import type { CrawlStats } from './stats.ts'

/**
 * Crawls: fetches the seeds, calls `handle` with each page, follows the links of the page, and so on until no URL is left. Pages are
 * fetched concurrently, with a limit per host and the delays that the host or the options ask for. robots.txt is obeyed, each page is
 * fetched once no matter how its URL is written, temporary failures are retried, and only addresses on the public internet are
 * connected to unless `guard` says otherwise. A URL that fails does not affect the others. An event given as `stop` ends it gently.
 *
 * @param options see `CrawlOptions`
 * @returns statistics about the crawl. A kill or timeout ends all requests at once; with a `journal` the crawl can be resumed later
 * @throws {TypeError} or {RangeError} immediately for an invalid option; whatever the frontier, `onVisit` or `onProgress` throw
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
