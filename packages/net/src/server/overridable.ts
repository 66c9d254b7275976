import type { Coroutine, Operation } from '@greenlit/core'
import { resumable } from '@greenlit/core/engine'

/** What a method that is made to be overridden may give: a plain value, or what comes to it by and by. */
export type Overridable<T> = T | Operation<T> | Coroutine<T> | PromiseLike<T>

/** Runs to its end what an overridable method returned. */
export function* settle<T>(result: Overridable<T>): Coroutine<T> {
  const iterator = resumable(result)
  return yield* { [Symbol.iterator]: () => iterator as unknown as Coroutine<T> }
}
