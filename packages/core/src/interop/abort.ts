import { checkCallable, type TimeLimit, timeoutOf, wrongType } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { CallbackWait } from '../greenlet/callback-wait.ts'
import { UntilWithin } from './until.ts'

class Abortable<T> extends UntilWithin<T> {
  private readonly name: string
  private readonly controller: AbortController

  constructor(work: (signal: AbortSignal) => T | PromiseLike<T>, timeout: TimeLimit) {
    const controller = new AbortController()
    super(() => work(controller.signal), timeout)
    this.name = work.name
    this.controller = controller
  }

  override cancel(): void {
    this.controller.abort()
  }

  override describe(): string {
    return `abortable(${this.name})`
  }
}

/**
 * Waits for promise code that takes an `AbortSignal`: a kill or a timeout of the wait aborts the signal. How the promise settles
 * after that is ignored.
 *
 * @param work called with the signal when the operation is used; returns a promise
 * @param options `timeout`: milliseconds, default no limit
 * @throws what the promise is rejected with; {Timeout} when the time is up; {TypeError} at once, if `work` is not a function
 * @example
 * const response = yield* abortable((signal) => fetch(url, { signal }), { timeout: 5000 })
 */
export function abortable<T>(
  work: (signal: AbortSignal) => T | PromiseLike<T>,
  options: { timeout?: TimeLimit } = {},
): Operation<Awaited<T>> {
  checkCallable(work, 'work')
  return new Abortable(work, timeoutOf(options)) as unknown as Operation<Awaited<T>>
}

class UntilAborted extends CallbackWait<unknown> {
  constructor(signal: AbortSignal, timeout: TimeLimit) {
    super((resume) => {
      const onAbort = () => resume(undefined, signal.reason)
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
      return () => signal.removeEventListener('abort', onAbort)
    }, timeout)
  }

  override expire(): undefined {}

  override describe(): string {
    return 'untilAborted'
  }
}

/**
 * Waits until a signal is aborted, or returns at once if it already is. A kill or a timeout removes the listener.
 *
 * @param signal the signal to wait for
 * @param options `timeout`: milliseconds, default no limit; when it expires, the wait just ends
 * @returns the signal's reason; `undefined` when the time is up
 * @throws {TypeError} at once, if `signal` is not an `AbortSignal`
 * @example
 * function* stopWith(worker: Greenlet, signal: AbortSignal) {
 *   yield* untilAborted(signal)
 *   yield* worker.kill()
 * }
 */
export function untilAborted(signal: AbortSignal, options: { timeout?: TimeLimit } = {}): Operation<unknown> {
  if (typeof signal?.aborted !== 'boolean') {
    throw wrongType('signal', 'an AbortSignal', signal)
  }
  return new UntilAborted(signal, timeoutOf(options))
}
