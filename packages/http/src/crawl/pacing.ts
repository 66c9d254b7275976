import { now } from '@greenlit/core/engine'

/** How a crawler slows down for a host that responds slowly. */
export interface AutothrottleOptions {
  /** How many requests a host should be handling on average. Default 1. */
  readonly targetConcurrency?: number | undefined
  /** The longest delay, in milliseconds. Default 60 000. */
  readonly maxDelay?: number | undefined
}

/** `AutothrottleOptions` after validation, with defaults filled in. */
export type Autothrottle = Required<{ [Key in keyof AutothrottleOptions]: number }>

/**
 * How long to wait for the first response of a host before the next request, if the delay depends on it (scrapy:
 * AUTOTHROTTLE_START_DELAY).
 */
const START_DELAY = 5000

interface HostPace {
  /** When the next request may start. */
  next: number
  /** When the latest request started. */
  started: number
  /** Whether the host has responded, so that the delay fits how fast it does. */
  hasResponded: boolean
  /** How long to wait between two requests. */
  delay: number
  /** The delay that the site asks for, the minimum of all waits. */
  asked: number
}

/** Tracks when each host may be sent its next request: after the delay, and not before the time that it asked to wait. */
export class Pacing {
  private readonly delay: number
  private readonly autothrottle: Autothrottle | undefined
  private readonly paces = new Map<string, HostPace>()
  private readonly resting = new Set<string>()
  private spaced: boolean
  private readonly onChange: () => void

  /**
   * @param delay milliseconds between two requests to a host
   * @param autothrottle how the delay adapts to how fast a host responds; `undefined` if it does not
   * @param onChange called when a host may be sent a request sooner than `wakesIn` said
   */
  constructor(delay: number, autothrottle: Autothrottle | undefined, onChange: () => void = () => {}) {
    this.onChange = onChange
    this.delay = delay
    this.spaced = delay > 0 || autothrottle !== undefined
    this.autothrottle = autothrottle
  }

  /** Whether some host has a delay, so that requests to a host start one at a time. */
  get isSpaced(): boolean {
    return this.spaced
  }

  /** Returns the hosts that must not be sent a request now. */
  hosts(): ReadonlySet<string> {
    for (const host of this.resting) if (this.paces.get(host)!.next <= now()) this.resting.delete(host)
    return this.resting
  }

  /** Returns in how many milliseconds a host may be sent a request, 0 if immediately. */
  restOf(host: string): number {
    return Math.max(0, (this.paces.get(host)?.next ?? 0) - now())
  }

  /** Returns in how many milliseconds the first resting host may be sent a request; `undefined` if none is resting. */
  wakesIn(): number | undefined {
    let soonest = Infinity
    for (const host of this.resting) soonest = Math.min(soonest, this.paces.get(host)!.next)
    return soonest === Infinity ? undefined : Math.max(0, soonest - now())
  }

  /**
   * Records that a request to the host starts. The next one must wait for the delay ±50 %, so that crawlers do not synchronise, but never
   * less than the site asks for.
   */
  started(host: string): void {
    if (!this.spaced) return
    const pace = this.paceOf(host)
    pace.started = now()
    const { autothrottle } = this
    if (autothrottle !== undefined && !pace.hasResponded) {
      this.rest(host, Math.max(waitOf(pace), Math.min(START_DELAY, autothrottle.maxDelay)))
    } else if (pace.delay > 0) {
      this.rest(host, waitOf(pace))
    }
  }

  /**
   * Records that the host has responded. The delay moves towards the one that keeps `targetConcurrency` requests at the host: all the
   * way if that is longer, half the way if it is shorter. Errors and redirects, which may be fast, never shorten it (scrapy:
   * AutoThrottle).
   */
  responded(host: string, latency: number, isPage: boolean): void {
    if (this.autothrottle === undefined) return
    const pace = this.paceOf(host)
    const target = latency / this.autothrottle.targetConcurrency
    const wanted = Math.max(target, (pace.delay + target) / 2)
    const delay = Math.max(this.delay, pace.asked, Math.min(wanted, this.autothrottle.maxDelay))
    if (isPage || delay > pace.delay) pace.delay = delay
    if (pace.hasResponded) return
    pace.hasResponded = true
    pace.next = pace.started + waitOf(pace)
    this.onChange()
  }

  /** Applies the delay that a site asks for. The request in progress counts as the first with that delay. */
  raiseDelay(host: string, delay: number): void {
    const pace = this.paceOf(host)
    if (delay <= pace.asked) return
    this.spaced = true
    pace.asked = delay
    pace.delay = Math.max(pace.delay, delay)
    this.started(host)
  }

  /** Lets a host rest for some time. */
  rest(host: string, milliseconds: number): void {
    const pace = this.paceOf(host)
    pace.next = Math.max(pace.next, now() + milliseconds)
    this.resting.add(host)
  }

  private paceOf(host: string): HostPace {
    let pace = this.paces.get(host)
    if (pace === undefined)
      this.paces.set(host, (pace = { next: 0, started: 0, hasResponded: false, delay: this.delay, asked: 0 }))
    return pace
  }
}

/** How long to wait between two requests this time. */
function waitOf({ delay, asked }: HostPace): number {
  return Math.max(asked, delay * (0.5 + Math.random()))
}
