import { show } from '../engine/check.ts'
import { runtime } from '../engine/runtime.ts'
import type { RawGreenlet } from '../greenlet/raw-greenlet.ts'

/**
 * A greenlet kept all others, and the platform's events, from running for too long (gevent.events: EventLoopBlocked).
 *
 * @example
 * subscribers.push((event) => event.info.forEach((line) => log(line)))
 */
export class EventLoopBlocked {
  /** Who held the thread. */
  readonly greenlet: RawGreenlet
  /** For how long, in milliseconds. */
  readonly blockingTime: number
  /** What is known of it, as lines of text. */
  readonly info: readonly string[]

  /** @internal */
  constructor(greenlet: RawGreenlet, blockingTime: number, info: readonly string[]) {
    this.greenlet = greenlet
    this.blockingTime = blockingTime
    this.info = info
  }
}

/** Is told of events. */
export type Subscriber = (event: EventLoopBlocked) => void

/**
 * Those who are told of what a `PeriodicMonitor` finds, in order (gevent.events: subscribers). Add functions to it, and remove them.
 *
 * @example
 * subscribers.push((event) => log(`blocked for ${event.blockingTime} ms`))
 */
export const subscribers: Subscriber[] = []

/** Tells subscribers; the error of one does not keep the others from being told. */
export function tellSubscribers<E>(list: readonly ((event: E) => void)[], event: E): void {
  for (const subscriber of [...list]) {
    try {
      subscriber(event)
    } catch (error) {
      runtime.reportError(show(subscriber), error)
    }
  }
}
