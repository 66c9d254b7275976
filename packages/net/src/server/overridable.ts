import type { Coroutine, Operation } from '@greenlit/core'
import { drive } from '@greenlit/core/engine'

/** The result of a method meant to be overridden: a plain value, or an operation, coroutine or promise that produces it. */
export type Overridable<T> = T | Operation<T> | Coroutine<T> | PromiseLike<T>

/** Runs the result of an overridable method to its end with `yield*`. A hot path: servers call a dozen such methods per request. */
export function settle<T>(result: Overridable<T>): Coroutine<T> {
  return drive<T>(result) as Coroutine<T>
}
