import { type Coroutine, Event } from '@greenlit/core'
import type { Pacing } from './pacing.ts'

/** Thrown in a visit that would have to wait for its turn at a host although the crawl is to end: its URL is left to another crawl. */
export class CrawlStopped extends Error {}

/** Limits the visits in progress, in all and at each host, including those redirected there. Those that wait for a slot do not count. */
export class HostSlots {
  readonly perHost: number
  private readonly concurrency: number
  readonly pacing: Pacing
  private readonly counts = new Map<string, number>()
  private readonly waiting = new Map<string, number>()
  private readonly freed = new Event()
  private readonly changed: Event
  private readonly stopped = new Event()
  /** The number of visits that were redirected to another host than the one they were leased for, including those still waiting. */
  redirected = 0
  /** The number of visits that have a slot. */
  active = 0
  private reserved = 0

  /** @param changed is set when a host that could not be leased may be available again */
  constructor(concurrency: number, perHost: number, pacing: Pacing, changed: Event) {
    this.concurrency = concurrency
    this.perHost = perHost
    this.pacing = pacing
    this.changed = changed
  }

  /** Whether every visit is at the host that it was leased for and none is waiting, so that the frontier's own counts are right. */
  get matchLeases(): boolean {
    return this.redirected === 0 && this.waiting.size === 0
  }

  /** Yields the hosts that have no free slot, or that have redirected visits waiting, which take precedence over new leases. */
  *busyHosts(): Generator<string> {
    for (const [host, count] of this.counts) if (count >= this.perHost) yield host
    yield* this.waiting.keys()
  }

  /** How many visits may begin. */
  get room(): number {
    return this.concurrency - this.active
  }

  /** Ends the waiting for slots, once and for all. */
  stop(): void {
    this.stopped.set()
    this.freed.set()
  }

  get isStopped(): boolean {
    return this.stopped.isSet()
  }

  /** Keeps slots for visits that are about to begin, or none any more, from those that wait. */
  reserve(count: number): void {
    this.reserved = count
    if (count === 0 && this.waiting.size > 0) this.freed.set()
  }

  occupy(host: string): void {
    this.active += 1
    add(this.counts, host, 1)
  }

  release(host: string): void {
    this.active -= 1
    add(this.counts, host, -1)
    this.freed.set()
  }

  /**
   * Waits until a host has a free slot and may be sent a request, and takes the slot.
   *
   * @throws {CrawlStopped} if it would have to wait after `stop`
   */
  *acquire(host: string): Coroutine<void> {
    add(this.waiting, host, 1)
    this.changed.set()
    try {
      for (;;) {
        const rest = this.pacing.restOf(host)
        const hasRoom = this.room > this.reserved && (this.counts.get(host) ?? 0) < this.perHost
        if (rest <= 0 && hasRoom) break
        if (this.isStopped) throw new CrawlStopped()
        if (rest > 0) {
          yield* this.stopped.wait({ timeout: rest })
        } else {
          this.freed.clear()
          yield* this.freed.wait()
        }
      }
      this.occupy(host)
    } finally {
      add(this.waiting, host, -1)
      this.changed.set()
    }
  }
}

/** The slot of a visit: at the host that it was leased for, and later at those it is redirected to. */
export class VisitSlot {
  private readonly slots: HostSlots
  private readonly home: string
  private host: string | undefined

  constructor(slots: HostSlots, host: string) {
    this.slots = slots
    this.home = host
    this.host = host
    slots.occupy(host)
  }

  /**
   * Moves to a host, the same or another one, observing its limits like a new request. The current slot is released first, since
   * visits that wait for each other's slots would deadlock.
   */
  *moveTo(host: string): Coroutine<void> {
    const { slots } = this
    this.release()
    if (host !== this.home) slots.redirected += 1
    try {
      yield* slots.acquire(host)
      this.host = host
      slots.pacing.started(host)
    } finally {
      // The visit was killed, or the crawl stopped, while it waited.
      if (this.host === undefined && host !== this.home) slots.redirected -= 1
    }
  }

  /** Waits until the home host may be sent another request than the one that began with the lease. */
  *awaitTurn(): Coroutine<void> {
    const { pacing } = this.slots
    if (pacing.restOf(this.home) > 0) yield* this.moveTo(this.home)
    else pacing.started(this.home)
  }

  /** Releases the slot, if one is held. */
  release(): void {
    const { slots, host } = this
    if (host === undefined) return
    this.host = undefined
    if (host !== this.home) slots.redirected -= 1
    slots.release(host)
  }
}

function add(counts: Map<string, number>, host: string, change: number): void {
  const count = (counts.get(host) ?? 0) + change
  if (count === 0) counts.delete(host)
  else counts.set(host, count)
}
