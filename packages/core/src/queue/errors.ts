import { branded } from '../errors/branded.ts'

/**
 * Nothing was in a queue, within the time given (queue: Empty).
 *
 * @example
 * const polled = yield* attempt(queue.get({ timeout: 100 }))
 * if (!polled.ok && polled.error instanceof Empty) console.log('nothing yet')
 */
export class Empty extends /* @__PURE__ */ branded('Empty') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'EMPTY'

  /** @param message what to say instead */
  constructor(message = 'The queue is empty') {
    super(message)
  }
}

/**
 * No room was in a queue, within the time given (queue: Full).
 *
 * @example
 * const stored = yield* attempt(queue.put(item, { block: false }))
 * if (!stored.ok && stored.error instanceof Full) dropped += 1
 */
export class Full extends /* @__PURE__ */ branded('Full') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'FULL'

  /** @param message what to say instead */
  constructor(message = 'The queue is full') {
    super(message)
  }
}

/**
 * A queue was shut down (queue: ShutDown): nothing can be put in, or nothing is left to take out.
 *
 * @example
 * queue.shutdown()
 * queue.putNowait(1) // throws
 */
export class ShutDown extends /* @__PURE__ */ branded('ShutDown') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'SHUT_DOWN'

  /** @param message what to say instead */
  constructor(message = 'The queue was shut down') {
    super(message)
  }
}
