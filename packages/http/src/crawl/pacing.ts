import { now } from '@greenlit/core/engine'

/** How a crawler slows down for a host that answers slowly. */
export interface AutothrottleOptions {
  /** How many requests a host should have on its hands on average. Default 1. */
  readonly targetConcurrency?: number | undefined
  /** The longest delay, in milliseconds. Default 60 000. */
  readonly maxDelay?: number | undefined
}

/** The same, checked, with their defaults. */
export type Autothrottle = Required<{ [Key in keyof AutothrottleOptions]: number }>

interface HostPace {
  /** When the next request may go. */
  next: number
  /** How long to wait between two requests. */
  delay: number
  /** The least of that: what the crawl or the site asks for. */
  least: number
}

/** When each host may be asked again: after a delay, and not while it asked to be left alone. */
export class Pacing {
  private readonly delay: number
  private readonly autothrottle: Autothrottle | undefined
  private readonly paces = new Map<string, HostPace>()
  private readonly resting = new Set<string>()
  private spaced: boolean

  /**
   * @param delay milliseconds between two requests to a host
   * @param autothrottle whether, and how, the delay follows how fast a host answers
   */
  constructor(delay: number, autothrottle: Autothrottle | undefined) {
    this.delay = delay
    this.spaced = delay > 0 || autothrottle !== undefined
    this.autothrottle = autothrottle
  }

  /** Whether requests to a host go out one by one, each in its time. */
  get isSpaced(): boolean {
    return this.spaced
  }

  /** Hosts that must not be asked now. */
  hosts(): ReadonlySet<string> {
    for (const host of this.resting) if (this.paces.get(host)!.next <= now()) this.resting.delete(host)
    return this.resting
  }

  /** In how many milliseconds a host may be asked again, 0 if at once. */
  restOf(host: string): number {
    return Math.max(0, (this.paces.get(host)?.next ?? 0) - now())
  }

  /** In how many milliseconds the next host may be asked again; `undefined` if none has to wait. */
  wakesIn(): number | undefined {
    let soonest = Infinity
    for (const host of this.resting) soonest = Math.min(soonest, this.paces.get(host)!.next)
    return soonest === Infinity ? undefined : Math.max(0, soonest - now())
  }

  /** A request goes to the host: the next one waits for its delay, by half less to half more, so that no two crawlers keep step. */
  started(host: string): void {
    if (!this.spaced) return
    const { delay } = this.paceOf(host)
    if (delay > 0) this.rest(host, delay * (0.5 + Math.random()))
  }

  /**
   * The host has answered. The delay becomes what would keep so many requests with it, at once if that is longer, and by half of the
   * way if it is shorter; an error or a redirect, which may come fast, never shortens it (scrapy: AutoThrottle).
   */
  answered(host: string, latency: number, isPage: boolean): void {
    if (this.autothrottle === undefined) return
    const pace = this.paceOf(host)
    const target = latency / this.autothrottle.targetConcurrency
    const wanted = Math.max(target, (pace.delay + target) / 2)
    const delay = Math.max(pace.least, Math.min(wanted, this.autothrottle.maxDelay))
    if (isPage || delay > pace.delay) pace.delay = delay
  }

  /** The least that is waited between two requests to a host, as far as it is known. */
  leastOf(host: string): number {
    return this.paces.get(host)?.least ?? this.delay
  }

  /** The host asks for a delay between requests; answers whether that is news. The request that brought it is the first of them. */
  asked(host: string, delay: number): boolean {
    const pace = this.paceOf(host)
    if (delay <= pace.least) return false
    this.spaced = true
    pace.least = delay
    pace.delay = Math.max(pace.delay, delay)
    this.started(host)
    return true
  }

  /** Leaves a host alone for so many milliseconds. */
  rest(host: string, milliseconds: number): void {
    const pace = this.paceOf(host)
    pace.next = Math.max(pace.next, now() + milliseconds)
    this.resting.add(host)
  }

  private paceOf(host: string): HostPace {
    let pace = this.paces.get(host)
    if (pace === undefined) this.paces.set(host, (pace = { next: 0, delay: this.delay, least: this.delay }))
    return pace
  }
}
