import { attempt, type Coroutine, GreenletExit } from '@greenlit/core'
import { now, resumable } from '@greenlit/core/engine'
import { HTTPError } from '../errors/http-error.ts'
import { RequestException } from '../errors/request-exception.ts'
import { Response } from '../response/response.ts'
import { retryAfter } from '../retry/retry-after.ts'
import type { RequestOptions } from '../session/options.ts'
import { canonicalUrl } from '../url/canonical-url.ts'
import { acceptable, type Refused } from './acceptable.ts'
import { CrawlPage } from './crawl-page.ts'
import type { CrawlRequest, Frontier, Lease } from './frontier/frontier.ts'
import type { Pacing } from './pacing.ts'
import { readSitemap, SITEMAP_LIMITS } from './read-sitemap.ts'
import { RobotsCache } from './robots-cache.ts'
import type { CrawlSettings } from './settings.ts'
import type { SkippedStats, Tally } from './stats.ts'
import type { Visit } from './visit.ts'

/** When a try began, by the crawl's clock, and how long its request took. */
interface Times {
  readonly start: number
  elapsed: number
}

/** Visits URLs: asks robots.txt, fetches, has the page handled, and settles what becomes of the lease. */
export class Visitor {
  private readonly settings: CrawlSettings
  private readonly frontier: Frontier
  private readonly pacing: Pacing
  private readonly tally: Tally
  private readonly robots: RobotsCache
  private readonly requestOptions: RequestOptions
  /** Pages that redirects led to and that are being handled. */
  private readonly targets = new Set<string>()

  constructor(settings: CrawlSettings, frontier: Frontier, pacing: Pacing, tally: Tally) {
    this.settings = settings
    this.frontier = frontier
    this.pacing = pacing
    this.tally = tally
    this.requestOptions = {
      headers: { 'User-Agent': settings.userAgent },
      timeout: settings.timeout,
      maxSize: settings.maxSize,
      minRate: settings.minRate,
      guard: settings.guard,
      retries: 0,
    }
    this.robots = new RobotsCache(settings.session, this.requestOptions)
  }

  /**
   * Visits what was leased. Whatever the server, the page and `handle` do, it throws only what ends the whole crawl.
   *
   * @returns whether that was a visit, and not a try that is to be repeated or a URL that is passed over
   */
  *visit(lease: Lease): Coroutine<boolean> {
    const times: Times = { start: this.tally.elapsed, elapsed: 0 }
    let response: Response | keyof SkippedStats
    try {
      response = yield* this.fetch(lease, times)
    } catch (error) {
      if (!(error instanceof Error) || error instanceof GreenletExit) throw error
      return yield* this.failed(lease, error, times)
    }
    if (typeof response === 'string') return yield* this.skip(lease, response)
    if (lease.request.kind === 'sitemap') return yield* this.sitemap(lease, response, times)
    return yield* this.page(lease, response, times)
  }

  /** Counts a URL that cannot be visited at all. */
  *refuse({ shown, error }: Refused): Coroutine<void> {
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
    yield* this.tell(visit)
  }

  private *fetch({ request, host }: Lease, times: Times): Coroutine<Response | keyof SkippedStats> {
    const { session, hosts } = this.settings
    const url = new URL(request.url)
    hosts.learn(host)
    if (!(yield* this.isAllowed(url))) return 'robots'
    const isSitemap = request.kind === 'sitemap'
    const started = now()
    let ok = false
    try {
      const options = isSitemap ? { ...this.requestOptions, maxSize: SITEMAP_LIMITS.maxSize } : this.requestOptions
      const response = yield* session.get(url, options)
      ok = response.ok
      if (!ok)
        throw new HTTPError(`${response.statusCode} ${response.reason}`.trim(), { response, request: response.request })
      if (response.history.length === 0) return response
      const target = new URL(response.url)
      // Where a seed leads, as from example.org to www.example.org, is where the crawl was sent.
      if (request.depth === 0) hosts.learn(target.host)
      if (!hosts.allows(target)) return 'offsite'
      return (yield* this.isAllowed(target)) ? response : 'robots'
    } finally {
      times.elapsed = now() - started
      this.pacing.answered(host, times.elapsed, ok)
    }
  }

  private *isAllowed(url: URL): Coroutine<boolean> {
    const { robots, userAgent, sitemaps, hosts } = this.settings
    if (!robots && !sitemaps) return true
    const rules = yield* this.robots.rulesFor(url)
    if (sitemaps && rules.sitemaps.length > 0 && hosts.allows(url)) {
      yield* this.frontier.add(
        this.requestsFor(rules.sitemaps, { depth: 0, from: `${url.origin}/robots.txt`, kind: 'sitemap' }),
      )
    }
    if (!robots) return true
    const delay = rules.crawlDelay(userAgent)
    if (delay !== undefined) this.pacing.asked(url.host, Math.min(delay, this.settings.retry.retryAfterMax))
    return rules.allows(url, userAgent)
  }

  private *page(lease: Lease, response: Response, times: Times): Coroutine<boolean> {
    const { request } = lease
    const target = response.history.length === 0 ? undefined : this.keyOf(response.url)
    const isElsewhere = target !== undefined && target !== (request.key ?? request.url)
    if (isElsewhere) {
      if (this.targets.has(target) || (yield* this.frontier.has(target))) return yield* this.skip(lease, 'duplicate')
      this.targets.add(target)
    }
    try {
      const page = new CrawlPage(response, request)
      const next = yield* this.handle(page)
      if (next instanceof Error) return yield* this.giveUp(lease, next, times, response.statusCode)
      if (next.length > 0) yield* this.frontier.add(next)
      yield* this.tell({
        ok: true,
        ...this.visitOf(lease, times),
        status: response.statusCode,
        finalUrl: response.url,
        encoding: page.wasRead ? page.encoding : undefined,
        contentType: response.headers.get('content-type'),
        bytes: response.content.length,
      })
      // Last of all: a crash before this has the page fetched again rather than lost.
      yield* this.frontier.ack(lease, isElsewhere ? [target] : [])
      return true
    } finally {
      if (isElsewhere) this.targets.delete(target)
    }
  }

  /** Has the page handled: where the crawl goes from it, or what `handle` or `follow` threw. */
  private *handle(page: CrawlPage): Coroutine<CrawlRequest[] | Error> {
    const { handle } = this.settings
    try {
      if (handle !== undefined) yield* driven(handle(page))
      return this.nextOf(page)
    } catch (error) {
      // This greenlet is the page's own: only a kill is meant for more than the page.
      if (error instanceof GreenletExit) throw error
      return error instanceof Error ? error : new Error(`${String(error)} was thrown`, { cause: error })
    }
  }

  /** Where the crawl goes from a page. */
  private nextOf(page: CrawlPage): CrawlRequest[] {
    const { follow, maxDepth } = this.settings
    if (page.depth >= maxDepth) return []
    const urls = [...page.followed]
    if (follow !== false) {
      for (const link of page.links) {
        if (follow === true ? !link.rel.includes('nofollow') : follow(link, page)) urls.push(link.url)
      }
    }
    return this.requestsFor(urls, { depth: page.depth + 1, from: page.url })
  }

  private *sitemap(lease: Lease, response: Response, times: Times): Coroutine<boolean> {
    const { request } = lease
    const read = yield* attempt(readSitemap(response.content))
    if (!read.ok) return yield* this.giveUp(lease, read.error, times, response.statusCode)
    const { urls, sitemaps } = read.value
    const further = request.depth < SITEMAP_LIMITS.depth ? sitemaps : []
    yield* this.frontier.add([
      ...this.requestsFor(urls, { depth: 0, from: request.url }),
      ...this.requestsFor(further, { depth: request.depth + 1, from: request.url, kind: 'sitemap' }),
    ])
    yield* this.frontier.ack(lease)
    return false
  }

  private requestsFor(urls: readonly string[], common: Omit<CrawlRequest, 'url' | 'key'>): CrawlRequest[] {
    const requests: CrawlRequest[] = []
    for (const given of urls) {
      const checked = acceptable(given, this.settings.queryOrder)
      if ('error' in checked || !this.settings.hosts.allows(new URL(checked.url))) continue
      // A page that is being handled under another URL is added when it is finished.
      if (this.targets.has(checked.key ?? checked.url)) continue
      requests.push(
        checked.key === undefined ? { ...common, url: checked.url } : { ...common, ...checked, key: checked.key },
      )
    }
    return requests
  }

  private *skip(lease: Lease, why: keyof SkippedStats): Coroutine<boolean> {
    this.tally.skip(why)
    yield* this.frontier.ack(lease)
    return false
  }

  /** Puts a URL back if a later try may do better, or gives it up. */
  private *failed(lease: Lease, error: Error, times: Times): Coroutine<boolean> {
    const response =
      error instanceof RequestException && error.response instanceof Response ? error.response : undefined
    const status = error instanceof HTTPError ? response?.statusCode : undefined
    const asked = retryAfter(response?.headers.get('retry-after') ?? '')
    const { retry } = this.settings
    const rest = asked === undefined ? undefined : Math.min(asked, retry.retryAfterMax)
    const mayPass = status === undefined ? retry.begin().afterError(error, 'GET') : retry.statusForcelist.has(status)
    if (mayPass && rest !== undefined) this.pacing.rest(lease.host, rest)
    if (!mayPass || lease.attempt > retry.total) return yield* this.giveUp(lease, error, times, status)
    this.tally.retry(lease.host)
    const longest = Math.min(retry.backoffMax, retry.backoffFactor * 2 ** (lease.attempt - 1))
    yield* this.frontier.retry(lease, rest ?? longest * (1 - retry.backoffJitter * Math.random()))
    return false
  }

  private *giveUp(lease: Lease, error: Error, times: Times, status: number | undefined): Coroutine<boolean> {
    yield* this.tell({ ok: false, ...this.visitOf(lease, times), status, error })
    yield* this.frontier.fail(lease, `${error.name}: ${error.message}`)
    return true
  }

  private *tell(visit: Visit): Coroutine<void> {
    this.tally.visit(visit)
    const { onVisit } = this.settings
    if (onVisit !== undefined) yield* driven(onVisit(visit))
  }

  private visitOf({ request, attempt, host }: Lease, { start, elapsed }: Times) {
    return { url: request.url, host, depth: request.depth, from: request.from, attempt, start, elapsed }
  }

  private keyOf(url: string): string {
    return canonicalUrl(url, { queryOrder: this.settings.queryOrder })
  }
}

function driven(result: unknown): Coroutine<unknown> {
  return { [Symbol.iterator]: () => resumable(result) } as unknown as Coroutine<unknown>
}
