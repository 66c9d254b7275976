import { Call } from '../engine/call.ts'
import { checkOperation } from '../engine/check.ts'
import { takeHeld } from '../engine/interrupt.ts'
import { blockingExecution } from '../engine/operation.ts'
import { NOTHING } from '../engine/states.ts'
import type { Coroutine, Operation, Suspension } from '../engine/suspension.ts'

/**
 * Runs an operation or coroutine that kills and timeouts must not cut short: they are held back, and delivered once it is done. A
 * timeout started inside still applies there: `shield(withTimeout(1000, cleanup))`.
 *
 * @param target an operation, or a coroutine object that has not run yet
 * @returns the target's result, unless something was held back
 * @example
 * try {
 *   yield* work()
 * } finally {
 *   yield* shield(connection.rollback())
 * }
 */
export function shield<T>(target: Operation<T> | Coroutine<T>): Operation<T> {
  checkOperation(target)
  return new Call<[Operation<T> | Coroutine<T>], T>(run, [target])
}

function* run<T>(target: Operation<T> | Coroutine<T>): Generator<Suspension, T, unknown> {
  const execution = blockingExecution()
  const extras = execution._own
  extras.shields += 1
  try {
    return yield* target
  } finally {
    extras.shields -= 1
    const held = takeHeld(execution)
    // biome-ignore lint/correctness/noUnsafeFinally: an error that was held back comes before the outcome of the target
    if (held !== NOTHING) throw held
  }
}
