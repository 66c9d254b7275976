import { type Coroutine, type Operation, type Timeout, withTimeout } from '@greenlit/core'
import { Call, checkOptions, checkTimeoutFromZero, type TimeLimit } from '@greenlit/core/engine'
import { timedOut } from './errors/make.ts'

/** Options of a call that belongs to no socket. */
export interface TimeoutOptions {
  /** How long the call may block, in milliseconds from 0 up. Default unlimited. */
  timeout?: TimeLimit
}

const LATE = Symbol('late')

/** Checks the options of a call and returns its time limit. */
export function timeLimit(options: TimeoutOptions | undefined): TimeLimit {
  return checkTimeoutFromZero(checkOptions(options).timeout)
}

/** Calls a coroutine function under a time limit, as an operation that throws `TimeoutError` when the limit expires. */
export function within<A extends unknown[], T>(
  limit: TimeLimit,
  fn: (...args: A) => Coroutine<T>,
  args: A,
): Operation<T> {
  if (limit === undefined) return new Call(fn, args)
  return new Call(bounded<T>, [limit, () => fn(...args)])
}

function* bounded<T>(limit: TimeLimit, fn: () => Coroutine<T>): Coroutine<T> {
  const result = yield* withTimeout(limit as number | Timeout, fn, { timeoutValue: LATE })
  if (result === LATE) throw timedOut()
  return result as T
}
