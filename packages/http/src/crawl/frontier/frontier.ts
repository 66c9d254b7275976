import type { Coroutine, Operation } from '@greenlit/core'

/** A URL to crawl. */
export interface CrawlRequest {
  readonly url: string
  /** Identifies the page: requests with the same key are the same request. Default `url`. */
  readonly key?: string | undefined
  /** How many links lead here from a seed, from 0. */
  readonly depth: number
  /** The URL of the page that linked here. */
  readonly from?: string | undefined
  /** What the URL is expected to be. Default a page. */
  readonly kind?: 'page' | 'sitemap' | undefined
}

/** A request handed out to a crawler. */
export interface Lease {
  readonly request: CrawlRequest
  /** The number of this attempt, from 1. */
  readonly attempt: number
  /**
   * How many earlier leases of the request expired, presumably because the crawler died. They count as attempts, and a crawl gives a
   * request up when they exceed its `retries`. Default 0.
   */
  readonly expired?: number | undefined
  /** The host of the request, with its port unless that is the scheme's default (`URL.host`). */
  readonly host: string
}

/** Which requests to lease. */
export interface LeaseOptions {
  /** How many at most, from 1. */
  readonly count: number
  /** How many requests of a host may be leased at the same time, including earlier leases. Default unlimited. */
  readonly perHost?: number | undefined
  /** How many requests of a host this call returns at most. Default unlimited. */
  readonly perHostNow?: number | undefined
  /** Hosts, as in `Lease.host`, whose requests this call must not return. */
  readonly except?: ReadonlySet<string> | undefined
}

/** The state of a frontier in numbers. */
export interface FrontierStats {
  /** How many requests are waiting, including those waiting for a retry. */
  readonly queued: number
  /** How many requests are leased. */
  readonly leased: number
  /** How many requests were acknowledged. */
  readonly done: number
  /** How many requests were given up. */
  readonly failed: number
  /** In how many milliseconds there may be a request to lease, 0 if now; `undefined` if nothing will become due. */
  readonly dueIn: number | undefined
}

/**
 * Keeps track of what a crawl has done and still has to do. A request is added once, leased to a crawler, and then acknowledged, put
 * back for a retry, or given up. A request whose lease expires is leased again, so a page may be fetched twice but none is lost. Every
 * method returns an operation, so that a frontier may live in another process or on another machine.
 */
export interface Frontier {
  /**
   * Adds the requests whose keys were never added before.
   *
   * @returns how many were added
   */
  add(requests: readonly CrawlRequest[]): Operation<number>
  /**
   * Returns whether a key was added, or acknowledged as another key of a page. Without this method, pages that others redirect to are
   * fetched again.
   */
  has?(key: string): Operation<boolean>
  /** Leases requests that are due: the oldest of each host first, alternating between hosts. */
  lease(options: LeaseOptions): Operation<Lease[]>
  /**
   * Marks a request as finished. Does nothing if the lease has ended.
   *
   * @param also further keys of the same page, such as that of the URL that it redirected to; they count as added and finished
   */
  ack(lease: Lease, also?: readonly string[]): Operation<void>
  /**
   * Puts a request back for another attempt.
   *
   * @param delay milliseconds, by the frontier's clock, until the request is due again, from 0
   */
  retry(lease: Lease, delay: number): Operation<void>
  /**
   * Gives a request up.
   *
   * @param reason why, as a word or a sentence
   */
  fail(lease: Lease, reason: string): Operation<void>
  stats(): Operation<FrontierStats>
  /** Releases the frontier's resources and ends all leases. A crawl closes only a frontier that it created itself. */
  close?(): Operation<void>
}

/** Whether a frontier knows a key; false if it cannot tell. */
export function* isKnown(frontier: Frontier, key: string): Coroutine<boolean> {
  return frontier.has === undefined ? false : yield* frontier.has(key)
}
