import type { Coroutine, Operation } from '@greenlit/core'

/** A URL to crawl. */
export interface CrawlRequest {
  /** Where the page is. */
  readonly url: string
  /** What tells it from other pages: two requests with one key are one. Default `url`. */
  readonly key?: string | undefined
  /** How many links lead here from a seed, from 0. */
  readonly depth: number
  /** The page that the link was on. */
  readonly from?: string | undefined
  /** What is expected there. Default a page. */
  readonly kind?: 'page' | 'sitemap' | undefined
}

/** A request that a crawler works on. */
export interface Lease {
  readonly request: CrawlRequest
  /** Which try this is, from 1. */
  readonly attempt: number
  /** The host that the request is to, with its port unless that is the scheme's own (`URL.host`). */
  readonly host: string
}

/** Which requests a crawler takes. */
export interface LeaseOptions {
  /** How many at most, from 1. */
  readonly count: number
  /** How many of a host may be leased at the same time, those of before included. Default without bound. */
  readonly perHost?: number | undefined
  /** How many of a host are given in this call. Default without bound. */
  readonly perHostNow?: number | undefined
  /** Hosts, as in `Lease.host`, of which none are given now. */
  readonly except?: ReadonlySet<string> | undefined
}

/** How a frontier stands. */
export interface FrontierStats {
  /** How many requests wait, those for a retry included. */
  readonly queued: number
  /** How many are leased. */
  readonly leased: number
  /** How many are finished for good. */
  readonly done: number
  /** How many are given up for good. */
  readonly failed: number
  /** In how many milliseconds the next of the waiting is due, 0 if one is; `undefined` if none waits. */
  readonly dueIn: number | undefined
}

/**
 * What a crawl still has to do, and what it has done. A request is added once, leased to a crawler, and then acknowledged, put back
 * for a retry, or given up. What is leased and never heard of again is leased anew when its time is over, so that a page may be
 * fetched twice but none is lost. Each call is an operation, for frontiers that live elsewhere.
 */
export interface Frontier {
  /**
   * Adds requests whose keys were never added.
   *
   * @returns how many those are
   */
  add(requests: readonly CrawlRequest[]): Operation<number>
  /**
   * Whether a key was added, or was acknowledged as another name of a page. A frontier without it has pages fetched again that
   * others redirect to.
   */
  has?(key: string): Operation<boolean>
  /** Takes requests that are due: of each host the oldest first, the hosts in turn. */
  lease(options: LeaseOptions): Operation<Lease[]>
  /**
   * Says that a request is finished. Of a lease that is over nothing happens.
   *
   * @param also further keys of the same page, as of the URL that it redirected to; they count as added and finished
   */
  ack(lease: Lease, also?: readonly string[]): Operation<void>
  /**
   * Puts a request back.
   *
   * @param delay milliseconds until it is due again, from 0; its time is the frontier's own
   */
  retry(lease: Lease, delay: number): Operation<void>
  /**
   * Gives a request up.
   *
   * @param reason why, in a word or a sentence
   */
  fail(lease: Lease, reason: string): Operation<void>
  stats(): Operation<FrontierStats>
  /** Lets go of what it holds; leases are over. A crawl closes only a frontier that it made. */
  close?(): Operation<void>
}

/** Whether a frontier knows a key, as far as it can tell. */
export function* isKnown(frontier: Frontier, key: string): Coroutine<boolean> {
  return frontier.has === undefined ? false : yield* frontier.has(key)
}
