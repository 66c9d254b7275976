import { attempt, type Coroutine, type Operation } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { HTTPError } from '../errors/http-error.ts'
import { TooManyRedirects } from '../errors/too-many-redirects.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { addCookies } from '../request/request.ts'
import type { Response } from '../response/response.ts'
import type { RequestOptions } from '../session/options.ts'
import { keepsSecrets } from '../session/redirect.ts'
import type { FoundUrls } from './found-urls.ts'
import { type Frontier, isKnown, type Lease } from './frontier/frontier.ts'
import type { VisitSlot } from './host-slots.ts'
import type { Pacing } from './pacing.ts'
import { SITEMAP_LIMITS } from './read-sitemap.ts'
import { Robots } from './robots.ts'
import { RobotsCache } from './robots-cache.ts'
import type { CrawlSettings } from './settings.ts'
import type { SkippedStats } from './stats.ts'

const MAX_REDIRECTS = 30

/** The state of a visit while its page is fetched. */
export interface Fetch {
  readonly lease: Lease
  readonly slot: VisitSlot
  /** The total duration of its requests in milliseconds. */
  elapsed: number
  /** The keys of redirect targets that were claimed for this visit. */
  readonly claimed: Set<string>
}

/** Fetches pages. Checks robots.txt, and treats each redirect as a separate request, which it is for the target host. */
export class Fetcher {
  private readonly settings: CrawlSettings
  private readonly frontier: Frontier
  private readonly pacing: Pacing
  private readonly found: FoundUrls
  private readonly robots: RobotsCache
  private readonly options: RequestOptions

  constructor(settings: CrawlSettings, frontier: Frontier, pacing: Pacing, found: FoundUrls) {
    this.settings = settings
    this.frontier = frontier
    this.pacing = pacing
    this.found = found
    const { timeout, maxSize, minRate, guard } = settings
    const headers = { 'User-Agent': settings.userAgent }
    this.options = { headers, timeout, maxSize, minRate, guard, retries: 0, stream: true }
    const { retry } = settings
    // At most the shortest delay before a retry, so that a retry really asks the site again.
    const patience = retry.backoffFactor * (1 - retry.backoffJitter)
    this.robots = new RobotsCache(settings.session, this.options, patience)
  }

  /**
   * Fetches the page of a lease.
   *
   * @returns the response with its body read, or the reason why the URL is skipped
   * @throws {HTTPError} for a status from 400 up; whatever the session throws
   */
  *fetch(fetch: Fetch): Coroutine<Response | keyof SkippedStats> {
    const { request } = fetch.lease
    const { session, hosts } = this.settings
    const url = new URL(request.url)
    hosts.learn(url.host)
    if (!(yield* this.isAllowed(url, fetch.slot))) return 'robots'
    const isSitemap = request.kind === 'sitemap'
    const options: RequestOptions = {
      ...this.options,
      maxSize: isSitemap ? SITEMAP_LIMITS.maxSize : this.settings.maxSize,
      allowRedirects: false,
    }
    const history: Response[] = []
    let response = yield* this.answer(fetch, url, () => session.get(url, options))
    while (response.isRedirect && session.allowRedirects !== false) {
      if (history.length >= (session.maxRedirects ?? MAX_REDIRECTS)) {
        const message = `Exceeded ${history.length} redirects`
        throw new TooManyRedirects(message, { request: response.request, response })
      }
      const next = this.following(url, response)
      const why = yield* this.skipReason(fetch, response, next.target)
      if (why !== undefined) return why
      history.push(response)
      yield* fetch.slot.moveTo(next.target.host)
      const { headers: _, ...sending } = options
      response = yield* this.answer(fetch, next.target, () => session.send(next, sending))
    }
    response.history.unshift(...history)
    // The target of a seed's redirect, such as www.example.org for example.org, is part of the crawl.
    if (isSeed(fetch.lease)) hosts.learn(new URL(response.url).host)
    return response
  }

  private *rulesFor(url: URL, isCached: boolean): Coroutine<Robots> {
    const started = now()
    try {
      return yield* this.robots.rulesFor(url)
    } finally {
      if (!isCached) this.pacing.responded(url.host, now() - started, false)
    }
  }

  /** Sends one request. The body of a redirect or an error is read only as far as needed to reuse the connection. */
  private *answer(fetch: Fetch, { host }: URL, send: () => Operation<Response>): Coroutine<Response> {
    const started = now()
    let isPage = false
    try {
      const response = yield* send()
      isPage = response.ok && !response.isRedirect
      if (!isPage) yield* response.drain()
      else if (!response.tryLoad()) yield* response.load()
      if (response.ok) return response
      const { statusCode, reason, request } = response
      throw new HTTPError(`${statusCode} ${reason}`.trim(), { response, request })
    } finally {
      const elapsed = now() - started
      fetch.elapsed += elapsed
      this.pacing.responded(host, elapsed, isPage)
    }
  }

  /** Returns the request for a redirect. Cookies without a domain are sent only to the host that was requested first. */
  private following(first: URL, response: Response): PreparedRequest {
    const next = response.next!
    if (!keepsSecrets(first, next.target)) {
      next.headers.delete('Cookie')
      addCookies(next, this.settings.session.cookies, false)
    }
    return next
  }

  /** Returns why a redirect must not be followed; `undefined` if it may be. */
  private *skipReason(
    { lease, claimed }: Fetch,
    response: Response,
    target: URL,
  ): Coroutine<keyof SkippedStats | undefined> {
    const { hosts } = this.settings
    if (!hosts.allows(target) && !(isSeed(lease) && hosts.learns)) return 'offsite'
    if (!(yield* this.isAllowed(target))) return 'robots'
    const key = this.found.keyOf(target)
    if (key === (lease.request.key ?? lease.request.url) || claimed.has(key)) return undefined
    // If the redirect sets a cookie, a page that was seen before may now be different, or redirect further.
    const mayDiffer = response.headers.has('set-cookie')
    if (!mayDiffer && (yield* isKnown(this.frontier, key))) return 'duplicate'
    if (this.found.claim(key)) claimed.add(key)
    else if (!mayDiffer) return 'duplicate'
    return undefined
  }

  /**
   * Returns whether robots.txt allows a URL. Also adds the sitemaps that it lists to the frontier, and applies its crawl delay.
   *
   * @param slot given for the first request of a visit. If that had to wait for robots.txt, it is delayed as any request after another:
   *   others may have waited too
   */
  private *isAllowed(url: URL, slot?: VisitSlot): Coroutine<boolean> {
    const { robots, userAgent, sitemaps, hosts } = this.settings
    if (!robots && !sitemaps) return true
    const isCached = this.robots.has(url)
    if (!isCached && slot === undefined) this.pacing.started(url.host)
    const read = yield* attempt(this.rulesFor(url, isCached))
    if (!read.ok && robots) throw read.error
    const rules = read.ok ? read.value : Robots.allowAll
    if (sitemaps && rules.sitemaps.length > 0 && hosts.allows(url)) {
      const common = { depth: 0, from: `${url.origin}/robots.txt`, kind: 'sitemap' } as const
      yield* this.frontier.add(this.found.requestsFor(rules.sitemaps, common))
    }
    if (robots && !rules.allows(url, userAgent)) return false
    const delay = robots ? rules.crawlDelay(userAgent) : undefined
    if (delay !== undefined) this.pacing.raiseDelay(url.host, Math.min(delay, this.settings.retry.retryAfterMax))
    if (!isCached && slot !== undefined) yield* slot.awaitTurn()
    return true
  }
}

function isSeed({ request }: Lease): boolean {
  return request.depth === 0 && request.from === undefined
}
