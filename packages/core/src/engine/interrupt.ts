import { runCallback } from './callback.ts'
import { afterOtherWork } from './clock.ts'
import type { Execution } from './execution.ts'
import { latestProgram, runtime } from './runtime.ts'
import { DEAD, FAILS, INTERRUPTED, NOTHING, PARKED, READY } from './states.ts'
import { resume } from './step.ts'

/** A kill or a timeout that a shield holds back. It may be delivered once no more than `depth` shields are left. */
interface Held {
  readonly error: unknown
  readonly depth: number
  readonly isOver: (() => boolean) | undefined
}

/** The kills and timeouts held back by shields, in order of arrival. */
const held = new WeakMap<Execution, Held[]>()

/**
 * Throws an error into an execution where it waits; only to be called from the hub. An execution that is about to run gets the
 * error instead of what it waited for. Behind a `shield` the error is kept until the shield is left. The main greenlet gets it in
 * the latest wait of plain code.
 *
 * @param depth the number of shields that do not hold it back: a timeout started behind a shield applies to what is done there
 * @param behind which pending errors are thrown before it: with `FAILS`, the default, any that has already ended the wait; with
 *   `INTERRUPTED` only a kill or a timeout
 * @param isOver whether what is to be interrupted has ended; asked whenever the error could be thrown
 * @returns whether there was an execution to take it
 */
export function interrupt(
  target: Execution,
  error: unknown,
  depth = 0,
  behind = FAILS,
  isOver?: () => boolean,
): boolean {
  const execution = target === runtime.main ? latestProgram(isWaiting) : target
  if (execution === undefined || execution._state === DEAD || isOver?.()) return false
  if (execution._extras !== null && execution._extras.shields > depth) {
    held.set(execution, [...(held.get(execution) ?? []), { error, depth, isOver }])
  } else if (execution._state === PARKED) {
    execution._failure = error
    resume(execution)
  } else if (execution._state === READY && (execution._flags & behind) === 0) {
    execution._failure = error
    execution._flags |= INTERRUPTED
  } else {
    runCallback(interrupt, execution, error, depth, FAILS, isOver)
  }
  return true
}

/**
 * Throws an error into an execution at the hub's next turn. It replaces an error that fails the wait in between, such as the
 * close of a socket, because that came later.
 */
export function interruptSoon(execution: Execution, error: unknown): void {
  runCallback(interrupt, execution, error, 0, execution._state === PARKED ? INTERRUPTED : FAILS)
}

/**
 * Throws an error into the main greenlet. `await` begins its wait shortly after plain code has reached it, so if no wait is
 * found, this is tried again after the platform's other work.
 *
 * @param otherwise called if no wait is found then either
 */
export function interruptMain(error: unknown, otherwise?: () => void): void {
  if (interrupt(runtime.main!, error)) return
  afterOtherWork(() => {
    runCallback(() => interrupt(runtime.main!, error) || otherwise?.())
  })
}

/** Whether a wait of plain code has not ended: the main greenlet is suspended there. */
function isWaiting({ _state: state }: Execution): boolean {
  return state === PARKED || state === READY
}

/**
 * Removes and returns the first error that the shield which was just left held back, or `NOTHING`. The others are delivered at
 * the next blocking calls.
 */
export function takeHeld(execution: Execution): unknown {
  const { shields } = execution._own
  let taken: unknown = NOTHING
  const kept = held.get(execution)?.filter(({ error, depth, isOver }) => {
    if (depth < shields) return true
    if (taken === NOTHING && !isOver?.()) taken = error
    else runCallback(interrupt, execution, error, depth, FAILS, isOver)
    return false
  })
  if (kept) held.set(execution, kept)
  return taken
}
