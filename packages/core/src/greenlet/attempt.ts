import { Call } from '../engine/call.ts'
import { checkOperation } from '../engine/check.ts'
import type { Coroutine, Operation, Suspension } from '../engine/suspension.ts'
import { isControlError } from '../errors/control-error.ts'
import { isError } from '../errors/is-error.ts'

/** The outcome of `attempt`. */
export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Error }

/**
 * Runs an operation or coroutine and returns its outcome as a value: Python's `except Exception`. Kills and timeouts propagate.
 *
 * @param target an operation, or a coroutine object that has not run yet
 * @returns `{ ok: true, value }` or `{ ok: false, error }`; a thrown value that is not an Error becomes the `cause` of one
 * @example
 * const crawled = yield* attempt(crawl(url))
 * if (!crawled.ok) console.log(url, 'failed:', crawled.error.message)
 */
export function attempt<T>(target: Operation<T> | Coroutine<T>): Operation<Attempt<T>> {
  checkOperation(target)
  return new Call<[Operation<T> | Coroutine<T>], Attempt<T>>(run, [target])
}

function* run<T>(target: Operation<T> | Coroutine<T>): Generator<Suspension, Attempt<T>, unknown> {
  try {
    return { ok: true, value: yield* target }
  } catch (error) {
    if (isControlError(error)) throw error
    return {
      ok: false,
      error: isError(error) ? error : new Error(`${String(error)} was thrown`, { cause: error }),
    }
  }
}
