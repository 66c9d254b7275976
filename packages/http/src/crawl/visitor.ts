import { attempt, type Coroutine, GreenletExit, sleep } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'
import { codecName } from '../encoding/codec-name.ts'
import { HTTPError } from '../errors/http-error.ts'
import { RequestException } from '../errors/request-exception.ts'
import { RetryError } from '../errors/retry-error.ts'
import { Response } from '../response/response.ts'
import { retryAfter } from '../retry/retry-after.ts'
import { CrawlPage } from './crawl-page.ts'
import type { RejectedUrl } from './crawlable-url.ts'
import { type Fetch, Fetcher } from './fetcher.ts'
import { FoundUrls } from './found-urls.ts'
import { type CrawlRequest, type Frontier, isKnown, type Lease } from './frontier/frontier.ts'
import { CrawlStopped, type VisitSlot } from './host-slots.ts'
import type { Pacing } from './pacing.ts'
import { readSitemap, SITEMAP_LIMITS } from './read-sitemap.ts'
import type { CrawlSettings } from './settings.ts'
import type { SkippedStats, Tally } from './stats.ts'
import { STEPS_PER_TURN } from './steps.ts'
import type { Visit } from './visit.ts'

/** An attempt at a visit: its fetch, and when that began, in milliseconds since the start of the crawl. */
interface Try extends Fetch {
  readonly start: number
}

/** Visits URLs: checks robots.txt, fetches the page, calls `handle`, and settles the lease. */
export class Visitor {
  private readonly settings: CrawlSettings
  private readonly frontier: Frontier
  private readonly pacing: Pacing
  private readonly tally: Tally
  private readonly found: FoundUrls
  private readonly fetcher: Fetcher

  constructor(settings: CrawlSettings, frontier: Frontier, pacing: Pacing, tally: Tally) {
    this.settings = settings
    this.frontier = frontier
    this.pacing = pacing
    this.tally = tally
    this.found = new FoundUrls(settings)
    this.fetcher = new Fetcher(settings, frontier, pacing, this.found)
  }

  /**
   * Visits the URL of a lease. Failures of the server, the page or `handle` are not thrown, only errors that end the whole crawl.
   *
   * @returns whether this completed a visit; false for an attempt that will be retried, a URL that is skipped or left, or a sitemap
   */
  *visit(lease: Lease, slot: VisitSlot): Coroutine<boolean> {
    const current: Try = { lease, slot, start: this.tally.elapsed, elapsed: 0, claimed: new Set() }
    try {
      const { expired = 0 } = lease
      if (expired > this.settings.retry.total) {
        const message = `Leased ${expired} times without a result, as if the crawler had died each time`
        return yield* this.giveUp(current, new RetryError(message), undefined)
      }
      let response: Response | keyof SkippedStats
      try {
        response = yield* this.fetcher.fetch(current)
      } catch (error) {
        if (!(error instanceof Error) || error instanceof GreenletExit) throw error
        if (error instanceof CrawlStopped) {
          yield* this.frontier.retry(lease, 0)
          return false
        }
        return yield* this.failed(current, error)
      }
      if (typeof response === 'string') return yield* this.skip(lease, response)
      if (lease.request.kind === 'sitemap') return yield* this.sitemap(current, response)
      return yield* this.page(current, response)
    } finally {
      const found = this.found.release(current.claimed)
      if (found.length > 0) yield* this.frontier.add(found)
    }
  }

  /** Reports a URL that cannot be crawled as a failed visit. */
  *reject({ shown, error }: RejectedUrl): Coroutine<void> {
    const visit: Visit = {
      ok: false,
      url: shown,
      host: '',
      depth: 0,
      from: undefined,
      attempt: 1,
      start: this.tally.elapsed,
      elapsed: 0,
      status: undefined,
      error,
    }
    yield* this.report(visit)
  }

  /** Gives up a page whose `handle` ended the greenlet of the visit. */
  *killed(lease: Lease, error: Error): Coroutine<void> {
    yield* this.report({
      ok: false,
      ...visitOf({ lease, start: this.tally.elapsed, elapsed: 0 }),
      status: undefined,
      error,
    })
    yield* this.frontier.fail(lease, error.name)
  }

  private *page(current: Try, response: Response): Coroutine<boolean> {
    const { request } = current.lease
    const target = response.history.length === 0 ? undefined : this.found.keyOf(response.url)
    const isElsewhere = target !== undefined && target !== (request.key ?? request.url)
    if (isElsewhere && (!current.claimed.has(target) || (yield* isKnown(this.frontier, target)))) {
      return yield* this.skip(current.lease, 'duplicate')
    }
    const page = new CrawlPage(response, request, this.settings.userAgent)
    const next = yield* this.handle(page)
    if (next instanceof Error) return yield* this.giveUp(current, next, response.statusCode)
    yield* this.add(next, { depth: page.depth + 1, from: page.url })
    yield* this.report({
      ok: true,
      ...visitOf(current),
      status: response.statusCode,
      finalUrl: response.url,
      encoding: page.wasRead ? (codecName(page.encoding) ?? page.encoding) : undefined,
      contentType: response.headers.get('content-type'),
      bytes: response.content.length,
    })
    // Last of all: after a crash before this the page is fetched again rather than lost.
    const also = !isElsewhere ? [] : response.history.some(setsCookie) ? [target] : [...current.claimed]
    yield* this.frontier.ack(current.lease, also)
    return true
  }

  /** Calls `handle`. Returns the URLs to crawl next, or what `handle` or `follow` threw. */
  private *handle(page: CrawlPage): Coroutine<readonly string[] | Error> {
    const { handle } = this.settings
    try {
      if (handle !== undefined) yield* drive(handle(page))
      return yield* this.nextOf(page)
    } catch (error) {
      // This greenlet serves only the page, so anything but a kill is a failure of the page.
      if (error instanceof GreenletExit) throw error
      return error instanceof Error ? error : new Error(`${String(error)} was thrown`, { cause: error })
    }
  }

  /** Returns the URLs to crawl next from a page. */
  private *nextOf(page: CrawlPage): Coroutine<readonly string[]> {
    const { follow, hosts, maxDepth, robots } = this.settings
    if (page.depth >= maxDepth) return []
    const links: string[] = []
    if (follow !== false && (!robots || (yield* page.readMayFollow()))) {
      for (const link of yield* page.readLinks()) {
        // A seed may redirect the crawl to another host by a `meta` refresh as well.
        if (link.tag === 'meta' && page.depth === 0 && page.from === undefined) hosts.learn(new URL(link.url).host)
        const isWanted = follow === true ? !link.rel.includes('nofollow') : yield* drive(follow(link, page))
        if (isWanted) links.push(link.url)
      }
    }
    return [...page.takeFollowed(), ...links]
  }

  /** Adds the URLs that may be crawled to the frontier. Many are added in parts, so that other greenlets can run in between. */
  private *add(urls: readonly string[], common: Omit<CrawlRequest, 'url' | 'key'>): Coroutine<void> {
    for (let at = 0; at < urls.length; at += STEPS_PER_TURN) {
      if (at > 0) yield* sleep(0)
      // Filtering a part and adding it must not be separated by a pause: a key claimed by another visit is then either claimed before
      // the part is filtered, or after the frontier knows it.
      const requests = this.found.requestsFor(urls.slice(at, at + STEPS_PER_TURN), common)
      if (requests.length > 0) yield* this.frontier.add(requests)
    }
  }

  private *sitemap(current: Try, response: Response): Coroutine<boolean> {
    const { lease } = current
    const { request } = lease
    const read = yield* attempt(readSitemap(response.content))
    if (!read.ok) return yield* this.giveUp(current, read.error, response.statusCode)
    const { urls, sitemaps } = read.value
    const further = request.depth < SITEMAP_LIMITS.depth ? sitemaps : []
    yield* this.add(urls, { depth: 0, from: request.url })
    yield* this.add(further, { depth: request.depth + 1, from: request.url, kind: 'sitemap' })
    yield* this.frontier.ack(lease)
    return false
  }

  private *skip(lease: Lease, why: keyof SkippedStats): Coroutine<boolean> {
    this.tally.skip(why)
    yield* this.frontier.ack(lease)
    return false
  }

  /** Puts a URL back if a retry may succeed, or else gives it up. */
  private *failed(current: Try, error: Error): Coroutine<boolean> {
    const { lease } = current
    const response =
      error instanceof RequestException && error.response instanceof Response ? error.response : undefined
    const status = error instanceof HTTPError ? response?.statusCode : undefined
    const asked = retryAfter(response?.headers.get('retry-after') ?? '')
    const { retry } = this.settings
    const rest = asked === undefined ? undefined : Math.min(asked, retry.retryAfterMax)
    const isTemporary =
      status === undefined ? retry.begin().afterError(error, 'GET') : retry.statusForcelist.has(status)
    if (isTemporary && rest !== undefined) this.pacing.rest(new URL(response!.url).host, rest)
    if (!isTemporary || lease.attempt > retry.total) return yield* this.giveUp(current, error, status)
    this.tally.retry(lease.host)
    yield* this.frontier.retry(lease, rest ?? retry.backoff(lease.attempt))
    return false
  }

  private *giveUp(current: Try, error: Error, status: number | undefined): Coroutine<boolean> {
    yield* this.report({ ok: false, ...visitOf(current), status, error })
    yield* this.frontier.fail(current.lease, `${error.name}: ${error.message}`)
    return true
  }

  private *report(visit: Visit): Coroutine<void> {
    this.tally.visit(visit)
    const { onVisit } = this.settings
    if (onVisit !== undefined) yield* drive(onVisit(visit))
  }
}

/** Whether a redirect sets a cookie, so that it may redirect elsewhere the next time. */
function setsCookie({ headers }: Response): boolean {
  return headers.has('set-cookie')
}

function visitOf({ lease, start, elapsed }: Pick<Try, 'lease' | 'start' | 'elapsed'>) {
  const { request, attempt, host } = lease
  return { url: request.url, host, depth: request.depth, from: request.from, attempt, start, elapsed }
}
