import { Done } from './done.ts'
import { PromiseWait } from './promise-wait.ts'
import { isResumable, type Resumable, type Suspension } from './suspension.ts'

/**
 * Makes what a function returned drivable: a coroutine or an operation is itself, a promise is waited for, anything else is
 * the outcome.
 */
export function resumable(result: unknown): Resumable {
  if (isResumable(result)) return result
  const candidate = result as { then?: unknown; [Symbol.iterator]?: () => Resumable } | undefined | null
  if (typeof candidate !== 'object' || typeof candidate?.then !== 'function') return new Done<unknown>(result)
  if (typeof candidate[Symbol.iterator] === 'function') return candidate[Symbol.iterator]!()
  return new PromiseWait(() => result as PromiseLike<unknown>)
}

/** Lets `yield*` run what a function returned to its end, whatever that is. */
export function drive<T>(result: unknown): { [Symbol.iterator](): Iterator<Suspension, T, unknown> } {
  return { [Symbol.iterator]: () => resumable(result) as Iterator<Suspension, T, unknown> }
}
