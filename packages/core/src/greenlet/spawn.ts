import { checkCallable, checkDuration } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { Greenlet } from './greenlet.ts'
import { hub } from './hub.ts'
import type { Outcome } from './outcome.ts'
import { RawGreenlet } from './raw-greenlet.ts'

/**
 * Starts a greenlet that runs a function (gevent: spawn). It never runs before the caller blocks, and greenlets run in the order
 * in which they were spawned. An error that it does not catch is reported by the hub and does not take the program down, unless
 * it is a `FatalError`.
 *
 * @param fn a coroutine function; a plain or async function works too
 * @param args its arguments
 * @throws {TypeError} at once, if `fn` is not a function, for instance the result of calling one
 * @example
 * const greenlets = urls.map((url) => spawn(crawl, url))
 * yield* joinall(greenlets)
 */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
  checkCallable(fn, 'fn')
  const greenlet = new Greenlet<Outcome<R>>(fn)
  if (args.length > 0) greenlet._transfer = args
  greenlet._register(spawn)
  greenlet._startNow()
  return greenlet
}

/**
 * Like `spawn`, after a delay (gevent: spawn_later). The greenlet counts as started at once; killed before its time, it never
 * runs.
 *
 * @param milliseconds the delay; below 0 counts as 0
 * @param fn a coroutine function; a plain or async function works too
 * @param args its arguments
 * @throws {TypeError} at once, if `milliseconds` is not a number or `fn` not a function
 * @example
 * const reminder = spawnLater(60_000, remind, 'tea')
 * reminder.kill() // never mind
 */
export function spawnLater<A extends unknown[], R>(
  milliseconds: number,
  fn: (...args: A) => R,
  ...args: A
): Greenlet<Outcome<R>> {
  checkDuration(milliseconds, 'milliseconds')
  checkCallable(fn, 'fn')
  return new Greenlet<Outcome<R>>(fn, ...args).startLater(milliseconds)
}

/**
 * Like `spawn`, but creates a raw greenlet (gevent: spawn_raw): there is nothing to join, link or ask for a value. Its error is
 * still reported by the hub.
 *
 * @param fn a coroutine function; a plain or async function works too
 * @param args its arguments
 * @throws {TypeError} at once, if `fn` is not a function
 * @example
 * spawnRaw(flush, buffer)
 */
export function spawnRaw<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): RawGreenlet {
  checkCallable(fn, 'fn')
  const greenlet = new RawGreenlet(fn, hub)
  greenlet._transfer = args
  loop.ready(greenlet)
  return greenlet
}
