import { show } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from '../greenlet/raw-greenlet.ts'

/**
 * Reports that a greenlet has blocked all others, and the platform's event loop, for too long (gevent.events: EventLoopBlocked).
 *
 * @example
 * subscribers.push((event) => event.info.forEach((line) => log(line)))
 */
export class EventLoopBlocked {
  /** The greenlet that blocked. */
  readonly greenlet: RawGreenlet
  /** How long it blocked, in milliseconds. */
  readonly blockingTime: number
  /** A description of the greenlet and where it was suspended and spawned, as lines of text. */
  readonly info: readonly string[]

  /** @internal */
  constructor(greenlet: RawGreenlet, blockingTime: number, info: readonly string[]) {
    this.greenlet = greenlet
    this.blockingTime = blockingTime
    this.info = info
  }
}

/** A function called with each event. */
export type Subscriber = (event: EventLoopBlocked) => void

/**
 * The functions called, in order, with each event of a `PeriodicMonitor` (gevent.events: subscribers). Add and remove functions as
 * you like.
 *
 * @example
 * subscribers.push((event) => log(`blocked for ${event.blockingTime} ms`))
 */
export const subscribers: Subscriber[] = []

/** Calls subscribers with an event. An error thrown by one is reported, and the others are still called. */
export function notifySubscribers<E>(list: readonly ((event: E) => void)[], event: E): void {
  for (const subscriber of [...list]) {
    try {
      subscriber(event)
    } catch (error) {
      runtime.reportError(show(subscriber), error)
    }
  }
}
