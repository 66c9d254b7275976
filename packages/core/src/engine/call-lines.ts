import { isControlError } from '../errors/control-error.ts'
import { isError } from '../errors/is-error.ts'
import { captureStack } from './capture-stack.ts'

/** How many call lines an error may collect: enough to see where it came from, bounded for deep recursion. */
const MAX_LINES = 32
const collected = new WeakMap<Error, number>()

/**
 * Adds to an error's stack the line at which the calling coroutine waits for the call that failed. The step loop resumes the
 * innermost call directly, so the native stack no longer shows its callers.
 *
 * @param above the function whose caller is the waiting coroutine
 */
export function addCallLine(error: unknown, above: unknown): void {
  if (!isError(error) || isControlError(error)) return
  const count = collected.get(error) ?? 0
  if (count >= MAX_LINES) return
  // A program's own `Error.prepareStackTrace` may make something other than a string of it.
  const line = `${captureStack(above, 1).stack}`.split('\n')[1]
  if (line === undefined) return
  collected.set(error, count + 1)
  try {
    error.stack = `${error.stack}\n${line}`
  } catch {
    // A frozen error keeps the stack it has.
  }
}
