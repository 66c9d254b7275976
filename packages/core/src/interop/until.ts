import { type TimeLimit, timeoutOf } from '../engine/check.ts'
import { PromiseWait } from '../engine/promise-wait.ts'
import type { Operation } from '../engine/suspension.ts'
import { untilSettled } from '../engine/until.ts'
import { timeoutError } from '../greenlet/timeout.ts'

/** A wait for the result of a function, with a time limit of its own. */
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
    throw timeoutError(this.timeout)
  }
}

/**
 * Waits for a promise. The promise itself continues when the wait is killed or timed out: its outcome, even a rejection, is then
 * ignored. `abortable` is for work that can be cancelled.
 *
 * @param promise anything with a `then`
 * @param options `timeout`: milliseconds, default no limit
 * @throws what the promise is rejected with; {Timeout} when the time is up; {TypeError} at once, if `promise` is not a promise
 * @example
 * const response = yield* until(fetch('http://127.0.0.1:8080/'))
 */
export function until<T>(promise: PromiseLike<T>, options?: { timeout?: TimeLimit }): Operation<Awaited<T>> {
  const settled = untilSettled(promise)
  const timeout = timeoutOf(options)
  return timeout === undefined ? settled : (new UntilWithin(() => promise, timeout) as unknown as Operation<Awaited<T>>)
}
