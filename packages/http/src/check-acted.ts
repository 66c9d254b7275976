import { isPromiseLike } from './is-promise-like.ts'

/**
 * Rejects what an asynchronous function returned where nobody waits for it: its decision would come too late.
 *
 * @param what names the function in the error
 */
export function checkActed(result: unknown, what: string): void {
  if (isPromiseLike(result)) {
    // This error says enough; the promise's own would take the process down.
    result.then(undefined, () => {})
  } else if (typeof (result as { next?: unknown } | null | undefined)?.next !== 'function') {
    return
  }
  throw new TypeError(
    `Expected ${what} to act at once, got a coroutine or a promise: get what it needs before the request`,
  )
}
