import { checkDuration, checkOptions, checkTimeout, isOptions, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import { interrupt, interruptSoon } from '../engine/interrupt.ts'
import { loop } from '../engine/loop.ts'
import { ENDING, FAILS, YIELDED } from '../engine/states.ts'
import type { Operation } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import type { Greenlet } from './greenlet.ts'
import { errorOf } from './raw-greenlet.ts'

/** How long a killed greenlet may take to end by itself, in milliseconds, unless the caller says otherwise. */
const DEFAULT_GRACE = 5000

/** The options of a kill. */
export interface KillOptions {
  /** Whether the operation waits for the greenlet's end. Default true. */
  block?: boolean | undefined
  /** How long the operation waits, in milliseconds. Default no limit. */
  timeout?: TimeLimit
  /** How long the greenlet may take to end by itself before it is forced to, in milliseconds. Default 5000. */
  grace?: number | undefined
}

/**
 * Ensures that a killed greenlet ends: throws a second `GreenletExit` after the grace period, and ends the greenlet by force if
 * it waits yet again.
 */
class KillTimer extends TimerNode {
  private readonly greenlet: Greenlet<unknown>
  private readonly grace: number
  private attempts = 0

  constructor(greenlet: Greenlet<unknown>, grace: number) {
    super()
    this.greenlet = greenlet
    // Not 0: a kill that is held back would keep a virtual clock from advancing.
    this.grace = grace || 1
  }

  fire(): void {
    const { greenlet } = this
    // A shield, or a program too busy to run the greenlet, still holds the kill back: the grace period only counts from its
    // delivery.
    const heldBack = greenlet._own.shields > 0 || (greenlet._flags & FAILS) !== 0
    // A kill that may be held back for ever must neither keep the program alive nor hide a deadlock.
    this.ref = !heldBack
    // After the second exit a shield only defers the end: a loop of shields would otherwise begin anew each time.
    this.attempts = heldBack ? this.attempts || -1 : this.attempts + 1
    if (heldBack || this.attempts < 1) {
      loop.addTimer(this, this.grace)
    } else if (this.attempts > 1 && (greenlet._waiting !== null || (greenlet._flags & YIELDED) !== 0)) {
      greenlet._force(new GreenletExit())
    } else {
      // A woken greenlet may hold a value that it has to put back, so it is thrown into again rather than ended by force.
      interrupt(greenlet, new GreenletExit())
      if (!greenlet.ready()) loop.addTimer(this, 0)
    }
  }
}

/** Kills a greenlet; see `Greenlet.kill`. */
export function killGreenlet(
  greenlet: Greenlet<unknown>,
  error: Error | (new () => Error) | KillOptions | undefined,
  options?: KillOptions,
): Operation<undefined> {
  const [given, { block = true, timeout, grace = DEFAULT_GRACE }] = killArguments(error, options)
  const limit = checkTimeout(timeout)
  checkDuration(grace, 'grace')
  const thrown = errorOf(given ?? GreenletExit)
  if (greenlet._cancel(thrown)) return new Done()
  // What cleans up after a terminating signal is not to be cut short by its scope, pool or caller, which kill it as they end.
  if (!(greenlet._flags & ENDING && thrown instanceof GreenletExit)) interruptSoon(greenlet, thrown)
  if (given === undefined && greenlet._own.timer === null) {
    const timer = new KillTimer(greenlet, grace)
    greenlet._own.timer = timer
    loop.addTimer(timer, grace)
  }
  return block ? greenlet.join({ timeout: limit }) : new Done()
}

/** The error to kill with: an error, or an error class to instantiate. */
export type KillError = Error | (new () => Error)

/** Sorts out the arguments of a kill: an optional error, and options, which may be given alone. */
export function killArguments<O extends object>(
  error: KillError | O | undefined,
  options: O | undefined,
): [error: KillError | undefined, options: Partial<O>] {
  if (error === undefined || error === null) return [undefined, checkOptions(options)]
  if (isOptions(error)) return [undefined, error as O]
  errorOf(error)
  return [error as KillError, checkOptions(options)]
}
