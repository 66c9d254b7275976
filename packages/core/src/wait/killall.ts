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
import { overdue } from '../greenlet/timeout.ts'
import { joinall } from './joinall.ts'

/** How to kill several greenlets. */
export interface KillallOptions {
  /** Whether the operation waits until all are dead. Default true. */
  block?: boolean
  /** How long it waits, in milliseconds; when over, it throws `Timeout`. Default: without end. */
  timeout?: TimeLimit
}

/**
 * Kills greenlets, at once: the operation only waits for their end (gevent: killall). Those that have not run yet never will; one
 * that refuses does not protect the others.
 *
 * @param greenlets what to kill, raw ones too
 * @param error an error, or a class of errors, to throw into each; default `GreenletExit`, which is certain as in `Greenlet.kill`
 * @param options see `KillallOptions`
 * @throws {Timeout} if not all are dead in time; {TypeError} at once, if one is no greenlet or `error` no error
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
 * Throws an error into a greenlet from the hub (gevent: kill), also into a raw one, and into main where the plain program waits.
 *
 * @param greenlet what to kill
 * @param error an error or a class of errors; default `GreenletExit`
 * @throws {TypeError} at once, if `greenlet` is no greenlet or `error` no error
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
  if (greenlet.state === UNSTARTED) {
    greenlet.state = DEAD
    return
  }
  if (greenlet === runtime.main) runCallback(interruptMain, thrown)
  else interruptSoon(greenlet, thrown)
}

function* untilDead(greenlets: RawGreenlet[], timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
  const joinable = greenlets.filter((greenlet) => greenlet instanceof Greenlet)
  // Raw ones cannot be joined: after a turn the error has at least been thrown into them.
  if (joinable.length < greenlets.length) yield* sleep(0)
  const dead = yield* joinall(joinable, { timeout })
  if (dead.length < joinable.length) throw overdue(timeout)
  return undefined
}
