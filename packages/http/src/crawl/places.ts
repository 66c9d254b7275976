import { type Coroutine, Event, sleep } from '@greenlit/core'
import type { Pacing } from './pacing.ts'

/** How many requests each host has on its hands, those that redirects sent there included. */
export class Places {
  readonly perHost: number
  readonly pacing: Pacing
  private readonly counts = new Map<string, number>()
  private readonly awaited = new Map<string, number>()
  private readonly freed = new Event()
  private readonly changed: Event
  /** How many requests are at another host than the one that they were leased for, or on their way there. */
  guests = 0

  /** @param changed is set when a host may be leased again that was not */
  constructor(perHost: number, pacing: Pacing, changed: Event) {
    this.perHost = perHost
    this.pacing = pacing
    this.changed = changed
  }

  /** Whether each request is where it was leased for, so that the frontier's count of a host is right. */
  get areKept(): boolean {
    return this.guests === 0 && this.awaited.size === 0
  }

  /** Hosts that have no place left, or have guests at the door, who come first. */
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

  /** Waits until a host has a place and may be asked again, and takes it. */
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

/** Where one visit is: at the host that it was leased for, and later where redirects lead it. */
export class Stay {
  private readonly places: Places
  private readonly home: string
  private host: string | undefined
  /** The delay between requests to its home that was known when it was leased. */
  private readonly least: number

  constructor(places: Places, host: string) {
    this.places = places
    this.home = host
    this.host = host
    this.least = places.pacing.leastOf(host)
    places.enter(host)
  }

  /**
   * Goes on to a host, the same or another, as politely as a new request would. The place before is left first: visits that wait for
   * each other's places would wait for ever.
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
      // Who was ended on the way is nobody's guest.
      if (this.host === undefined && host !== this.home) places.guests -= 1
    }
  }

  /** Waits for its turn at home, if the host has asked for a longer delay since it was leased. */
  *awaitTurn(): Coroutine<void> {
    if (this.places.pacing.leastOf(this.home) > this.least) yield* this.goTo(this.home)
  }

  /** Gives the place back. */
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
