import { branded } from '../errors/branded.ts'

/**
 * Thrown when a queue stays empty for the given time (queue: Empty).
 *
 * @example
 * const polled = yield* attempt(queue.get({ timeout: 100 }))
 * if (!polled.ok && polled.error instanceof Empty) console.log('nothing yet')
 */
export class Empty extends /* @__PURE__ */ branded('Empty') {
  /** A stable identifier for this kind of error. */
  readonly code: string = 'EMPTY'

  /** @param message replaces the default message */
  constructor(message = 'The queue is empty') {
    super(message)
  }
}

/**
 * Thrown when a queue stays full for the given time (queue: Full).
 *
 * @example
 * const stored = yield* attempt(queue.put(item, { block: false }))
 * if (!stored.ok && stored.error instanceof Full) drop(item)
 */
export class Full extends /* @__PURE__ */ branded('Full') {
  /** A stable identifier for this kind of error. */
  readonly code: string = 'FULL'

  /** @param message replaces the default message */
  constructor(message = 'The queue is full') {
    super(message)
  }
}

/**
 * Thrown by a queue that was shut down (queue: ShutDown): by every `put`, and by `get` once no items are left.
 *
 * @example
 * queue.shutdown()
 * queue.putNowait(1) // throws
 */
export class ShutDown extends /* @__PURE__ */ branded('ShutDown') {
  /** A stable identifier for this kind of error. */
  readonly code: string = 'SHUT_DOWN'

  /** @param message replaces the default message */
  constructor(message = 'The queue was shut down') {
    super(message)
  }
}
