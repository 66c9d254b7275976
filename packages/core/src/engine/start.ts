import { Done } from './done.ts'
import { PromiseWait } from './promise-wait.ts'
import { isResumable, isThenable, type Operation, type Resumable, type Suspension } from './suspension.ts'

/**
 * Makes what a function returned drivable: a coroutine or an operation is itself, a promise is waited for, anything else is
 * the outcome.
 */
export function resumable(result: unknown): Resumable {
  if (isResumable(result)) {
    // It would give a promise at each turn, for ever.
    if (Symbol.asyncIterator in result) throw new TypeError('Expected `function*`, got `async function*`')
    return result
  }
  if (!isThenable(result)) return new Done<unknown>(result)
  if (Symbol.iterator in result) return (result as Operation<unknown>)[Symbol.iterator]() as Resumable
  return new PromiseWait(() => result)
}

/** Lets `yield*` run what a function returned to its end, whatever that is. */
export function drive<T = unknown>(result: unknown): { [Symbol.iterator](): Iterator<Suspension, T, unknown> } {
  const iterator = resumable(result)
  return (Symbol.iterator in iterator ? iterator : { [Symbol.iterator]: () => iterator }) as Operation<T>
}
