import { Call } from '../engine/call.ts'
import { runCallback } from '../engine/callback.ts'
import { checkItems, checkIterable, checkTimeout, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import { interruptMain, interruptSoon } from '../engine/interrupt.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD, UNSTARTED } from '../engine/states.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { killArguments } from '../greenlet/kill.ts'
import { checkGreenlet, errorOf, RawGreenlet } from '../greenlet/raw-greenlet.ts'
import { sleep } from '../greenlet/sleep.ts'
import { timeoutError } from '../greenlet/timeout.ts'
import { joinall } from './joinall.ts'

/** Options for killing several greenlets. */
export interface KillallOptions {
  /** Whether to wait until all are dead. Default true. */
  block?: boolean | undefined
  /** How long to wait, in milliseconds; then `Timeout` is thrown. Default: no limit. */
  timeout?: TimeLimit
}

/**
 * Kills greenlets (gevent: killall). The kill itself is immediate; the operation only waits for their end. Greenlets that have not
 * started yet never run. One that refuses to die does not protect the others.
 *
 * @param greenlets the greenlets to kill, including raw ones
 * @param error an error or error class to throw into each; default a `GreenletExit`, which is enforced as in `Greenlet.kill`
 * @param options see `KillallOptions`
 * @throws {Timeout} if not all are dead in time; {TypeError} immediately if one is not a greenlet or `error` not an error
 * @example
 * yield* killall(workers)
 */
export function killall(
  greenlets: Iterable<RawGreenlet>,
  error?: Error | (new () => Error) | KillallOptions,
  options: KillallOptions = {},
): Operation<undefined> {
  const [thrown, { block = true, timeout }] = killArguments(error, options)
  const limit = checkTimeout(timeout)
  const list = checkIterable(greenlets, 'greenlets')
  checkItems(list, 'greenlets', 'greenlets', (greenlet) => greenlet instanceof RawGreenlet)
  for (const greenlet of list) kill(greenlet, thrown)
  if (!block || list.length === 0) return new Done()
  return new Call<[RawGreenlet[], TimeLimit], undefined>(untilDead, [list, limit])
}

/**
 * Throws an error into a greenlet from the hub (gevent: kill). Works for raw greenlets too, and for main while the plain program
 * waits.
 *
 * @param greenlet the greenlet to kill
 * @param error an error or error class; default `GreenletExit`
 * @throws {TypeError} immediately if `greenlet` is not a greenlet or `error` not an error
 * @example
 * kill(worker)
 */
export function kill(greenlet: RawGreenlet, error?: Error | (new () => Error)): void {
  checkGreenlet(greenlet, 'greenlet')
  if (greenlet instanceof Greenlet) {
    greenlet.kill(error, { block: false })
    return
  }
  const thrown = errorOf(error ?? GreenletExit)
  if (greenlet._state === UNSTARTED) {
    greenlet._state = DEAD
    if (!(thrown instanceof GreenletExit)) runtime.reportError(greenlet, thrown)
    return
  }
  if (greenlet === runtime.main) runCallback(interruptMain, thrown)
  else interruptSoon(greenlet, thrown)
}

function* untilDead(greenlets: RawGreenlet[], timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
  const joinable = greenlets.filter((greenlet) => greenlet instanceof Greenlet)
  // Raw greenlets cannot be joined, but after one turn the error has at least been thrown into them.
  if (joinable.length < greenlets.length) yield* sleep(0)
  const dead = yield* joinall(joinable, { timeout })
  if (dead.length < joinable.length) throw timeoutError(timeout)
  return undefined
}
