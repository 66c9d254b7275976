import { type TimeLimit, timeoutOf } from '../engine/check.ts'
import { PromiseWait } from '../engine/promise-wait.ts'
import type { Operation } from '../engine/suspension.ts'
import { untilSettled } from '../engine/until.ts'
import { overdue } from '../greenlet/timeout.ts'

/** A wait for what a function gives, with a limit of its own. */
export class UntilWithin<T> extends PromiseWait<T> {
  private readonly timeout: TimeLimit

  constructor(begin: () => T | PromiseLike<T>, timeout: TimeLimit) {
    super(begin)
    this.timeout = timeout
  }

  override start(): boolean {
    super.start()
    this.limit(this.timeout)
    return false
  }

  override expire(): never {
    throw overdue(this.timeout)
  }
}

/**
 * Waits for a promise. The promise itself goes on when the wait is killed or timed out: its outcome is then ignored, also a
 * rejection. `abortable` is for work that can be called off.
 *
 * @param promise anything with a `then`
 * @param options `timeout`: milliseconds, default without end
 * @throws what the promise is rejected with; {Timeout} when the time is over; {TypeError} at once if it is no promise
 * @example
 * const response = yield* until(fetch('http://127.0.0.1:8080/'))
 */
export function until<T>(promise: PromiseLike<T>, options?: { timeout?: TimeLimit }): Operation<Awaited<T>> {
  const settled = untilSettled(promise)
  const timeout = timeoutOf(options)
  return timeout === undefined ? settled : (new UntilWithin(() => promise, timeout) as unknown as Operation<Awaited<T>>)
}
