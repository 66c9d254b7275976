import { type Coroutine, Event, sleep } from '@greenlit/core'
import type { Pacing } from './pacing.ts'

/** Limits the requests in progress at each host, including those redirected there. */
export class Places {
  readonly perHost: number
  readonly pacing: Pacing
  private readonly counts = new Map<string, number>()
  private readonly awaited = new Map<string, number>()
  private readonly freed = new Event()
  private readonly changed: Event
  /** The number of visits that were redirected to another host than the one they were leased for, including those still waiting. */
  guests = 0

  /** @param changed is set when a host that could not be leased may be available again */
  constructor(perHost: number, pacing: Pacing, changed: Event) {
    this.perHost = perHost
    this.pacing = pacing
    this.changed = changed
  }

  /** Whether every visit is at the host that it was leased for and none is waiting, so that the frontier's own counts are right. */
  get areKept(): boolean {
    return this.guests === 0 && this.awaited.size === 0
  }

  /** Yields the hosts that have no free slot, or that have redirected visits waiting, which take precedence over new leases. */
  *crowded(): Generator<string> {
    for (const [host, count] of this.counts) if (count >= this.perHost) yield host
    yield* this.awaited.keys()
  }

  enter(host: string): void {
    add(this.counts, host, 1)
  }

  leave(host: string): void {
    add(this.counts, host, -1)
    this.freed.set()
  }

  /** Waits until a host has a free slot and may be sent a request, and takes the slot. */
  *await(host: string): Coroutine<void> {
    add(this.awaited, host, 1)
    try {
      for (;;) {
        const rest = this.pacing.restOf(host)
        if (rest > 0) {
          yield* sleep(rest)
        } else if ((this.counts.get(host) ?? 0) < this.perHost) {
          break
        } else {
          this.freed.clear()
          yield* this.freed.wait()
        }
      }
      this.enter(host)
    } finally {
      add(this.awaited, host, -1)
      this.changed.set()
    }
  }
}

/** The slot of a visit: at the host that it was leased for, and later at those it is redirected to. */
export class Stay {
  private readonly places: Places
  private readonly home: string
  private host: string | undefined
  /** The minimum delay between requests to `home` that was known at the time of the lease. */
  private readonly least: number

  constructor(places: Places, host: string) {
    this.places = places
    this.home = host
    this.host = host
    this.least = places.pacing.leastOf(host)
    places.enter(host)
  }

  /**
   * Moves to a host, the same or another one, observing its limits like a new request. The current slot is released first, since
   * visits that wait for each other's slots would deadlock.
   */
  *goTo(host: string): Coroutine<void> {
    const { places } = this
    this.leave()
    if (host !== this.home) places.guests += 1
    try {
      yield* places.await(host)
      this.host = host
      places.pacing.started(host)
    } finally {
      // The visit was killed while it waited.
      if (this.host === undefined && host !== this.home) places.guests -= 1
    }
  }

  /** If the home host has asked for a longer delay since the lease, waits for its turn there. */
  *awaitTurn(): Coroutine<void> {
    if (this.places.pacing.leastOf(this.home) > this.least) yield* this.goTo(this.home)
  }

  /** Releases the slot, if one is held. */
  leave(): void {
    const { places, host } = this
    if (host === undefined) return
    this.host = undefined
    if (host !== this.home) places.guests -= 1
    places.leave(host)
  }
}

function add(counts: Map<string, number>, host: string, change: number): void {
  const count = (counts.get(host) ?? 0) + change
  if (count === 0) counts.delete(host)
  else counts.set(host, count)
}
