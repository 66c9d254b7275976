import { type Attempt, attempt, type Coroutine, type Operation } from '@greenlit/core'

/** Like `attempt`, but for errors of zlib only. Any other error, as that of a kill, ends the caller. */
export function* attemptZlib<T>(target: Operation<T>): Coroutine<Attempt<T>> {
  const outcome = yield* attempt(target)
  if (outcome.ok || isZlibError(outcome.error)) return outcome
  throw outcome.error
}

/** Whether zlib, or the code around it that bounds what it makes, threw an error. */
export function isZlibError(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^(Z_|ERR_|ZSTD)/.test(code)
}
