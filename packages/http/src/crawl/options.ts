import type { Coroutine, Event } from '@greenlit/core'
import type { AddressGuard } from '../guard/address-guard.ts'
import type { MinRateOption, RequestTimeoutOption } from '../request/timeouts.ts'
import type { Session } from '../session/session.ts'
import type { CrawlPage } from './crawl-page.ts'
import type { PageLink } from './extract-links.ts'
import type { CustomFrontier } from './frontier/custom-frontier.ts'
import type { AutothrottleOptions } from './pacing.ts'
import type { CrawlProgress } from './stats.ts'
import type { Visit } from './visit.ts'

/** Options of `crawl`. Times are in milliseconds. */
export interface CrawlOptions {
  /** Where to begin. An invalid URL fails without affecting the others. */
  readonly seeds: string | URL | Iterable<string | URL>
  /**
   * Called with each page that was answered with a status below 400: a coroutine function or a plain one. If it throws, the visit of
   * that page fails with the error, and the page's links are not followed.
   */
  readonly handle?: ((page: CrawlPage) => unknown) | undefined
  /** How many pages are processed at the same time, from 1. Default 16. */
  readonly concurrency?: number | undefined
  /** How many of those may be from the same host (and port), from 1. Default 8. */
  readonly perHost?: number | undefined
  /** How long to wait between two requests to a host, randomised by ±50 %. Default 0. */
  readonly delay?: number | undefined
  /** Whether, and how, the delay adapts to how fast a host responds. Default false. */
  readonly autothrottle?: boolean | AutothrottleOptions | undefined
  /** How many links to follow from a seed, from 0, which visits only the seeds. Default unlimited. */
  readonly maxDepth?: number | undefined
  /** How many URLs to visit at most. Default unlimited. */
  readonly maxPages?: number | undefined
  /**
   * An event that, once set, ends the crawl gently, even if it is cleared later: pages in progress are completed, those that only wait
   * for their turn at a host are put back, no further URL is visited, and the statistics are returned. What is left stays in the
   * frontier or the `journal`. Default none.
   */
  readonly stop?: Event | undefined
  /**
   * The hosts to stay on. A name includes its subdomains, and `*` is any host; with a port it allows only that port. Default the hosts
   * of the seeds and those that seeds redirect to, with exactly their names and ports and without subdomains.
   */
  readonly allowedHosts?: Iterable<string> | undefined
  /**
   * Which links of a page are followed: true for all without `rel=nofollow` (the default), false for none, or a predicate, which may be
   * a coroutine function or a plain one.
   */
  readonly follow?:
    | boolean
    | ((link: PageLink, page: CrawlPage) => boolean | Coroutine<boolean> | PromiseLike<boolean>)
    | undefined
  /** Whether robots.txt (RFC 9309) and the `nofollow` of a page or its headers are obeyed. Default true. */
  readonly robots?: boolean | undefined
  /** Whether the sitemaps listed in robots.txt are read. Default false. */
  readonly sitemaps?: boolean | undefined
  /** Whether URLs that differ only in the order of their parameters are the same page (`'sort'`, the default) or not (`'keep'`). */
  readonly queryOrder?: 'sort' | 'keep' | undefined
  /** How many times a URL is retried after a failure that may be temporary, from 0. Default 2. */
  readonly retries?: number | undefined
  /** How long to wait before the first retry; doubles with each further one. `Retry-After` takes precedence. Default 1000. */
  readonly retryDelay?: number | undefined
  /** The longest wait that a server may demand. Default 120 000. */
  readonly retryAfterMax?: number | undefined
  /** How many bytes a page may have, both as sent and decoded. Default 10 MiB. */
  readonly maxSize?: number | undefined
  /** How long a request may take: a total, `[connect, read]` or `{ connect, read, total }`. Default 30 000 in total. */
  readonly timeout?: RequestTimeoutOption | undefined
  /** The minimum rate at which a body must arrive: bytes per second, or `{ bytes, per }` with milliseconds. Default no minimum. */
  readonly minRate?: MinRateOption | undefined
  /** The crawler's User-Agent, which is also matched against robots.txt. Default that of the session, which is `greenlit`. */
  readonly userAgent?: string | undefined
  /** The session that sends the requests, with its headers, cookies, proxies and name look-up. Default one owned by the crawl. */
  readonly session?: Session | undefined
  /**
   * Which addresses may be connected to. Default true: those on the public internet. `{ allow: [...] }` adds addresses, networks and
   * host names; false allows everything. Through a proxy only addresses in URLs can be checked.
   */
  readonly guard?: boolean | { readonly allow: Iterable<string> } | AddressGuard | undefined
  /** The store of the URLs to crawl. Default a frontier in memory, or one backed by `journal`. */
  readonly frontier?: CustomFrontier | undefined
  /** A file that records the crawl's state, so that it can be resumed after a crash. */
  readonly journal?: string | undefined
  /** Whether to continue the crawl recorded in `journal`. Default false. */
  readonly resume?: boolean | undefined
  /** Called with the progress periodically and at the end: a coroutine function or a plain one. If it throws, the crawl ends. */
  readonly onProgress?: ((progress: CrawlProgress) => unknown) | undefined
  /** The time between two calls of `onProgress`. Default 1000. */
  readonly progressInterval?: number | undefined
  /**
   * Called with the outcome of each URL, before the frontier is updated: a coroutine function or a plain one. If it throws, the crawl
   * ends.
   */
  readonly onVisit?: ((visit: Visit) => unknown) | undefined
}
