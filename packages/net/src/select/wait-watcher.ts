import { type Coroutine, getHub, type Operation, type Timeout, type Watcher, withTimeout } from '@greenlit/core'
import { Call, checkTimeoutFromZero, type TimeLimit } from '@greenlit/core/engine'
import { closedElsewhere, timedOut } from '../errors/make.ts'
import { checkTimeoutExc, givenOptions, type WaitReadyOptions } from './wait-ready.ts'

const EXPIRED = Symbol('expired')

/**
 * Waits for a watcher, as `Hub.wait` does, with the time limit of a socket call (gevent.socket: wait).
 *
 * @param watcher any object with `start(callback)` and `stop()`
 * @param options see `WaitReadyOptions`; a number is the timeout
 * @throws {TypeError} if it is not a watcher; {RangeError} for a negative timeout; {ConcurrentObjectUseError} if a greenlet already
 * waits for it; {TimeoutError}, or `timeoutExc`, when the timeout expires
 * @example
 * yield* wait(watcher, { timeout: 1_000 })
 */
export function wait(watcher: Watcher, options?: WaitReadyOptions | number): Operation<undefined> {
  const { timeout, timeoutExc } = givenOptions(options)
  checkTimeoutExc(timeoutExc)
  return new Call(waitWithin, [getHub().wait(watcher), checkTimeoutFromZero(timeout), timeoutExc])
}

function* waitWithin(
  waiting: Operation<undefined>,
  timeout: TimeLimit,
  timeoutExc: WaitReadyOptions['timeoutExc'],
): Coroutine<undefined> {
  const outcome = yield* withTimeout(timeout as number | Timeout | undefined, () => waiting, { timeoutValue: EXPIRED })
  if (outcome !== EXPIRED) return undefined
  if (timeoutExc === undefined) throw timedOut()
  throw typeof timeoutExc === 'function' ? new timeoutExc() : timeoutExc
}

/**
 * Throws an error into the greenlet that waits for a watcher, at the hub's next turn (gevent.socket: cancel_wait).
 *
 * @param watcher the watcher that was passed to `wait`
 * @param error an error, or an error class. Default {OSError} EBADF, as if the socket had been closed
 * @throws {TypeError} if `watcher` is not a watcher or `error` not an error
 * @example
 * cancelWait(watcher)
 */
export function cancelWait(watcher: Watcher, error: Error | (new () => Error) = closedElsewhere()): void {
  getHub().cancelWait(watcher, error)
}
