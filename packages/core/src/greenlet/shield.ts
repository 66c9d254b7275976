import { Call } from '../engine/call.ts'
import { checkOperation } from '../engine/check.ts'
import { takeHeld } from '../engine/interrupt.ts'
import { blockingExecution } from '../engine/operation.ts'
import { NOTHING } from '../engine/states.ts'
import type { Coroutine, Operation, Suspension } from '../engine/suspension.ts'

/**
 * Runs an operation or coroutine that kills and timeouts must not cut short: they are held off, and delivered once it is done.
 * A timeout that is started inside counts there: `shield(withTimeout(1000, cleanup))`.
 *
 * @param target an operation, or a coroutine that was called but not yet run
 * @returns what the target gives, unless something was held off
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
  const extras = execution.ownExtras
  extras.shields += 1
  let value: T
  try {
    value = yield* target
  } finally {
    extras.shields -= 1
    const held = takeHeld(execution)
    // biome-ignore lint/correctness/noUnsafeFinally: what was held off comes before what the target gave or threw
    if (held !== NOTHING) throw held
  }
  return value
}
