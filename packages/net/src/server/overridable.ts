import type { Coroutine, Operation } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'

/** What a method that is made to be overridden may give: a plain value, or what comes to it by and by. */
export type Overridable<T> = T | Operation<T> | Coroutine<T> | PromiseLike<T>

/** Lets `yield*` run to its end what an overridable method returned. Servers ask a dozen of them about each request. */
export function settle<T>(result: Overridable<T>): Coroutine<T> {
  return drive<T>(result) as Coroutine<T>
}
