import { ControlError } from '../errors/control-error.ts'
import { isError } from '../errors/is-error.ts'
import { captureStack } from './capture-stack.ts'

/** From how many waits an error takes lines: recursion is deep, and many greenlets may get the same error. */
const MAX_WAITS = 16

interface StackGetter {
  (): string
  /** From how many waits more the error takes lines. */
  left?: number
}

/**
 * Adds to an error's stack the lines at which coroutines wait for the call that failed. Its own stack lacks them if it was made in a
 * callback, as of a socket or a timer, or in another coroutine, whose callers the step loop does not resume.
 *
 * @param error what is about to be thrown; kills and values that are no errors stay as they are
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
    if (!isError(error) || error instanceof ControlError) return
    const { get, value = '' } = Object.getOwnPropertyDescriptor(error, 'stack')!
    const left = (get as StackGetter)?.left ?? MAX_WAITS
    if (!left) return
    const captured = captureStack(above)
    // Formatting a stack takes longer than a wait: it is put off until somebody reads it.
    const extended = () => (get ? get.call(error) : value) + captured()
    extended.left = left - 1
    Object.defineProperty(error, 'stack', {
      get: extended,
      set: (value) => Object.defineProperty(error, 'stack', { value, writable: true }),
    })
  } catch {
    // An error that is frozen, or has no stack, or cannot be inspected, stays as it is.
  }
}
