import { checkCallable, type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { type Begin, CallbackWait } from '../greenlet/callback-wait.ts'

/**
 * Waits for a callback. `begin` is called when the operation is used. The first call of `resume` ends the wait, even if `begin`
 * makes it itself; later calls do nothing.
 *
 * @param begin starts the work and may return a function that cancels it, which is called on a kill or a timeout but not at the
 *   normal end. If it calls `resume`, that is too late; an error it throws is reported by the hub, and the kill or timeout goes
 *   on
 * @param options `timeout`: milliseconds, default no limit
 * @throws the first argument of `resume`; {Timeout} when the time is up
 * @example
 * const text = yield* fromCallback<string>((resume) => {
 *   const request = start(resume)
 *   return () => request.abort()
 * })
 */
export function fromCallback<T = void>(begin: Begin<T>, options: { timeout?: TimeLimit } = {}): Operation<T> {
  checkCallable(begin, 'begin')
  return new CallbackWait<T>(begin, timeoutOf(options))
}
