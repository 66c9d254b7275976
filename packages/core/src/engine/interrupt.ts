import { runCallback } from './callback.ts'
import { afterOtherWork } from './clock.ts'
import type { Execution } from './execution.ts'
import { latestProgram, runtime } from './runtime.ts'
import { DEAD, FAILS, INTERRUPTED, NOTHING, PARKED, READY } from './states.ts'
import { resume } from './step.ts'

/** What a shield holds off: it may be delivered where no more than so many shields are left. */
interface Held {
  readonly error: unknown
  readonly depth: number
}

/** Kills and timeouts that came while a shield held them off, first come first. */
const held = new WeakMap<Execution, Held[]>()

/**
 * Throws an error into an execution where it waits; from the hub only. One that is about to run gets it instead of what it
 * waited for. Behind a `shield` it is kept until the shield is left. The main greenlet gets it in the latest wait of plain code.
 *
 * @param depth how many shields do not hold it off: a timeout that was started behind a shield is for what is done there
 * @param behind what of `FAILS` and `INTERRUPTED` is thrown before it: by default also an error that has ended the wait already
 * @returns whether there was somebody to take it
 */
export function interrupt(target: Execution, error: unknown, depth = 0, behind = FAILS): boolean {
  const execution = target === runtime.main ? latestProgram(isWaiting) : target
  if (execution === undefined || execution.state === DEAD) return false
  if (execution.extras !== null && execution.extras.shields > depth) {
    held.set(execution, [...(held.get(execution) ?? []), { error, depth }])
  } else if (execution.state === PARKED) {
    execution.failure = error
    resume(execution)
  } else if (execution.state === READY && (execution.flags & behind) === 0) {
    execution.failure = error
    execution.flags |= INTERRUPTED
  } else {
    runCallback(interrupt, execution, error, depth)
  }
  return true
}

/** Throws an error into an execution at the hub's next turn. What fails it in between, as the close of its socket, came later. */
export function interruptSoon(execution: Execution, error: unknown): void {
  runCallback(interrupt, execution, error, 0, execution.state === PARKED ? INTERRUPTED : FAILS)
}

/**
 * Throws an error into the main greenlet. `await` begins its wait a little after plain code has come to it, so one that finds
 * nobody waiting is tried again after the platform's other work.
 *
 * @param otherwise called if nobody waits then either
 */
export function interruptMain(error: unknown, otherwise?: () => void): void {
  if (interrupt(runtime.main!, error)) return
  afterOtherWork(() => {
    runCallback(() => interrupt(runtime.main!, error) || otherwise?.())
  })
}

/** Whether a wait of plain code has not ended: the main greenlet is stopped there. */
function isWaiting({ state }: Execution): boolean {
  return state === PARKED || state === READY
}

/**
 * Takes the first error that the shield which was just left held off, or `NOTHING`; the others are delivered at the next blocking
 * calls.
 */
export function takeHeld(execution: Execution): unknown {
  const { shields } = execution.ownExtras
  let taken: unknown = NOTHING
  const kept = held.get(execution)?.filter(({ error, depth }) => {
    if (depth < shields) return true
    if (taken === NOTHING) taken = error
    else runCallback(interrupt, execution, error, depth)
    return false
  })
  if (kept) held.set(execution, kept)
  return taken
}
