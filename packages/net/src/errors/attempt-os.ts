import { type Attempt, attempt, type Coroutine, type Operation } from '@greenlit/core'
import { OSError } from './os-error.ts'

/** Like `attempt`, but for `OSError`s only: Python's `except OSError`. Any other error, as that of a kill, ends the caller. */
export function* attemptOS<T>(target: Operation<T> | Coroutine<T>): Coroutine<Attempt<T>> {
  const outcome = yield* attempt(target)
  if (outcome.ok || outcome.error instanceof OSError) return outcome
  throw outcome.error
}
