import { Done } from './done.ts'
import { PromiseWait } from './promise-wait.ts'
import { isResumable, isThenable, type Operation, type Resumable, type Suspension } from './suspension.ts'

/**
 * Turns the result of a function into something that can be driven: a coroutine or an operation is used as it is, a promise is
 * waited for, anything else is the outcome.
 *
 * @example
 * const iterator = resumable(42)
 * iterator.next() // { done: true, value: 42 }
 */
export function resumable(result: unknown): Resumable {
  if (isResumable(result)) {
    // Its `next` returns a promise each time and never reports `done`.
    if (Symbol.asyncIterator in result) throw new TypeError('Expected `function*`, got `async function*`')
    return result
  }
  if (!isThenable(result)) return new Done<unknown>(result)
  if (Symbol.iterator in result) return (result as Operation<unknown>)[Symbol.iterator]() as Resumable
  return new PromiseWait(() => result)
}

/**
 * Lets `yield*` run the result of a function to its end, whatever it is.
 *
 * @example
 * const value = yield* drive<number>(Promise.resolve(42)) // 42
 */
export function drive<T = unknown>(result: unknown): { [Symbol.iterator](): Iterator<Suspension, T, unknown> } {
  const iterator = resumable(result)
  return (Symbol.iterator in iterator ? iterator : { [Symbol.iterator]: () => iterator }) as Operation<T>
}
