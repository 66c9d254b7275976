import { checkCallable, checkDuration } from '../engine/check.ts'
import { loop } from '../engine/loop.ts'
import { Greenlet } from './greenlet.ts'
import { hub } from './hub.ts'
import type { Outcome } from './outcome.ts'
import { RawGreenlet } from './raw-greenlet.ts'

/**
 * Starts a greenlet that runs a function (gevent: spawn). It never runs before the caller blocks, and greenlets run in the order
 * in which they were spawned. An error that it does not catch is reported by the hub; it never takes the program down.
 *
 * @param fn a coroutine function; a plain or async one works too
 * @param args its arguments
 * @throws {TypeError} at once, if `fn` is no function, also if it is the result of calling one
 * @example
 * const greenlets = urls.map((url) => spawn(crawl, url))
 * yield* joinall(greenlets)
 */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
  checkCallable(fn, 'fn')
  const greenlet = new Greenlet<Outcome<R>>(fn)
  if (args.length > 0) greenlet.transfer = args
  greenlet.register(spawn)
  greenlet.startNow()
  return greenlet
}

/**
 * As `spawn`, after a while (gevent: spawn_later). The greenlet counts as started at once; killed before its time, it never runs.
 *
 * @param milliseconds how long to wait; below 0 counts as 0
 * @param fn a coroutine function; a plain or async one works too
 * @param args its arguments
 * @throws {TypeError} at once, if `milliseconds` is no number or `fn` no function
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
 * As `spawn`, but makes a raw greenlet (gevent: spawn_raw): nothing to join, link or ask for a value. Its error is still reported by the hub.
 *
 * @param fn a coroutine function; a plain or async one works too
 * @param args its arguments
 * @throws {TypeError} at once, if `fn` is no function
 * @example
 * spawnRaw(flush, buffer)
 */
export function spawnRaw<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): RawGreenlet {
  checkCallable(fn, 'fn')
  const greenlet = new RawGreenlet(fn, hub)
  greenlet.transfer = args
  loop.ready(greenlet)
  return greenlet
}
