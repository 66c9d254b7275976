import { ControlError } from '../errors/control-error.ts'
import { isError } from '../errors/is-error.ts'
import { captureStack } from './capture-stack.ts'

/** How long a stack may become, in characters: recursion is deep, and many greenlets may get the same error. */
const MAX_LENGTH = 10_000

/**
 * Adds to an error's stack the lines at which coroutines wait for the call that failed. Its own stack lacks them if it was made in a
 * callback, as of a socket or a timer, or in another coroutine, whose callers the step loop does not resume.
 *
 * @param error what is about to be thrown; kills, errors with a long stack and values that are no errors stay as they are
 * @param above the function that is called by the innermost of these coroutines, and whose own line is left out
 *
 * @example
 * class Connection {
 *   private readonly lost = new Error('reset')
 *   // The error was made when the connection was lost, before anybody called.
 *   read = (): never => {
 *     addCallLines(this.lost, this.read)
 *     throw this.lost
 *   }
 * }
 */
export function addCallLines(error: unknown, above: unknown): void {
  try {
    if (!isError(error) || error instanceof ControlError || !error.stack || error.stack.length > MAX_LENGTH) return
    // The first line is no frame, and those from `advance` on are the step loop's.
    error.stack += `${captureStack(above).stack}`.split('\n    at advance ')[0]!.replace(/.*/, '')
  } catch {
    // An error that is frozen, or that cannot be inspected, keeps the stack it has.
  }
}
