import type { MinRateOption, RequestTimeoutOption } from '../request/timeouts.ts'
import type { AddressGuard } from '../session/options.ts'
import type { Session } from '../session/session.ts'
import type { CrawlPage } from './crawl-page.ts'
import type { PageLink } from './extract-links.ts'
import type { Frontier } from './frontier/frontier.ts'
import type { AutothrottleOptions } from './pacing.ts'
import type { CrawlProgress } from './stats.ts'
import type { Visit } from './visit.ts'

/** What to crawl, and how. Times are in milliseconds. */
export interface CrawlOptions {
  /** Where to begin. A URL that is none fails alone. */
  readonly seeds: string | URL | Iterable<string | URL>
  /**
   * Is called with each page that answered with a status below 400: a coroutine function or a plain one. What it throws is the page's
   * failure.
   */
  readonly handle?: ((page: CrawlPage) => unknown) | undefined
  /** How many pages are worked on at the same time, from 1. Default 16. */
  readonly concurrency?: number | undefined
  /** How many of those may be of one host (and port), from 1. Default 8. */
  readonly perHost?: number | undefined
  /** How long to wait between two requests to a host, give or take half. Default 0. */
  readonly delay?: number | undefined
  /** Whether, and how, the delay follows how fast a host answers. Default false. */
  readonly autothrottle?: boolean | AutothrottleOptions | undefined
  /** How many links to follow from a seed, from 0: only the seeds. Default without bound. */
  readonly maxDepth?: number | undefined
  /** How many URLs to visit at most. Default without bound. */
  readonly maxPages?: number | undefined
  /**
   * The hosts to stay on: a name stands for its subdomains too, and with a port for that port alone. Default those of the seeds, and
   * those that seeds redirect to, as they are: without subdomains, and with their ports.
   */
  readonly allowedHosts?: Iterable<string> | undefined
  /** Which links of a page are followed: all without `rel=nofollow` (default true), none, or those that a function picks. */
  readonly follow?: boolean | ((link: PageLink, page: CrawlPage) => boolean) | undefined
  /** Whether robots.txt is obeyed (RFC 9309), and what pages ask for themselves: `nofollow` of a page or its header. Default true. */
  readonly robots?: boolean | undefined
  /** Whether the sitemaps that a robots.txt names are read. Default false. */
  readonly sitemaps?: boolean | undefined
  /**
   * Whether URLs that differ in the order of their parameters are one page (`'sort'`, the default) or not (`'keep'`).
   */
  readonly queryOrder?: 'sort' | 'keep' | undefined
  /** How many times a URL is tried again after a failure that may pass, from 0. Default 2. */
  readonly retries?: number | undefined
  /** The first wait before a retry, which doubles with each; a `Retry-After` counts more. Default 1000. */
  readonly retryDelay?: number | undefined
  /** The longest wait that a server may ask for. Default 120 000. */
  readonly retryAfterMax?: number | undefined
  /** How many bytes a page may have, as sent and decoded. Default 10 MiB. */
  readonly maxSize?: number | undefined
  /** How long a request may take: all, `[connect, read]` or `{ connect, read, total }`. Default 30 000 in all. */
  readonly timeout?: RequestTimeoutOption | undefined
  /** How fast a body must come at least: bytes per second, or `{ bytes, per }` with milliseconds. Default as slow as it likes. */
  readonly minRate?: MinRateOption | undefined
  /** How the crawler calls itself, also when it reads robots.txt. Default what the session does, which is `greenlit`. */
  readonly userAgent?: string | undefined
  /** What makes the requests, with its headers, cookies, proxies and name look-up. Default one of the crawl's own. */
  readonly session?: Session | undefined
  /**
   * Which addresses may be connected to. Default true: those of the public internet; `{ allow: [...] }` lets addresses, networks and
   * host names through, false anything. Through a proxy only addresses in URLs can be checked.
   */
  readonly guard?: boolean | { readonly allow: Iterable<string> } | AddressGuard | undefined
  /** What keeps the URLs. Default memory, or `journal`. */
  readonly frontier?: Frontier | undefined
  /** A file that the crawl's state goes to, so that it can go on after a crash. */
  readonly journal?: string | undefined
  /** Whether to go on where the crawl of that `journal` ended. Default false. */
  readonly resume?: boolean | undefined
  /** Is told how the crawl stands, every so often and at the end: a coroutine function or a plain one. What it throws ends the crawl. */
  readonly onProgress?: ((progress: CrawlProgress) => unknown) | undefined
  /** How often. Default 1000. */
  readonly progressInterval?: number | undefined
  /** Is told of each URL once it is settled, before the frontier is: a coroutine function or a plain one. What it throws ends the crawl. */
  readonly onVisit?: ((visit: Visit) => unknown) | undefined
}
