import { Call } from '../engine/call.ts'
import { checkCallable, checkOptions } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import type { Outcome } from './outcome.ts'
import { Timeout, type TimeoutException } from './timeout.ts'

/** What `withTimeout` does when the time is up. */
export interface WithTimeoutOptions<V = never> {
  /** What to return instead of raising. */
  timeoutValue?: V
  /** What to raise instead of the `Timeout`; `false` returns `timeoutValue`, or `undefined`, instead. */
  exception?: TimeoutException
}

/**
 * Runs a function with a time limit: gevent's `with Timeout(...)` and `with_timeout`. Only its own expiry is ever swallowed; a
 * `Timeout` from elsewhere propagates. `finally` blocks of the function run first.
 *
 * @param limit milliseconds (`undefined`: no limit), or a `Timeout` to start for this block
 * @param fn the coroutine function, called without arguments
 * @param options see `WithTimeoutOptions`
 * @returns what `fn` returns, or `timeoutValue`
 * @throws {Timeout} itself, or `exception`, when the time is up and there is no `timeoutValue`
 * @example
 * const page = yield* withTimeout(500, () => get(url), { timeoutValue: undefined })
 */
export function withTimeout<R, V = undefined>(
  limit: number | Timeout | undefined,
  fn: () => R,
  options: WithTimeoutOptions<V> & { exception: false },
): Operation<Outcome<R> | V>
export function withTimeout<R, V = never>(
  limit: number | Timeout | undefined,
  fn: () => R,
  options?: WithTimeoutOptions<V>,
): Operation<Outcome<R> | V>
export function withTimeout<R, V>(
  limit: number | Timeout | undefined,
  fn: () => R,
  options?: WithTimeoutOptions<V>,
): Operation<Outcome<R> | V> {
  checkCallable(fn, 'fn')
  const given = checkOptions(options)
  const timeout = limit instanceof Timeout ? limit : new Timeout(limit, given.exception)
  return new Call<[Timeout, () => R, WithTimeoutOptions<V>], Outcome<R> | V>(bounded, [timeout, fn, given])
}

function* bounded<R, V>(
  timeout: Timeout,
  fn: () => R,
  options: WithTimeoutOptions<V>,
): Generator<Suspension, Outcome<R> | V, unknown> {
  Timeout.startNew(timeout)
  try {
    return yield* drive<Outcome<R>>(fn())
  } catch (error) {
    const swallow = 'timeoutValue' in options || timeout.exception === false || options.exception === false
    if (error === timeout && swallow) return options.timeoutValue as V
    throw error
  } finally {
    timeout.close()
  }
}
