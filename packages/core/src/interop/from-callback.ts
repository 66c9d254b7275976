import { checkCallable, type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { type Begin, CallbackWait } from '../greenlet/callback-wait.ts'

/**
 * Waits for a callback. `begin` is called when the operation is used; the first call of `resume` ends the wait, also if `begin`
 * makes it itself, and later ones do nothing.
 *
 * @param begin starts the work and may return a function that calls it off; that is called on a kill or a timeout, not at the end.
 *   If it calls `resume`, that is too late; what it throws is reported by the hub, and the kill or timeout goes on
 * @param options `timeout`: milliseconds, default without end
 * @throws what `resume` gets as its first argument; {Timeout} when the time is over
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
