import { ControlError } from '../errors/control-error.ts'
import { GreenletExit } from '../errors/greenlet-exit.ts'
import { isError } from '../errors/is-error.ts'
import { atMostPerBatch } from './at-most-per-batch.ts'
import { captureStack } from './capture-stack.ts'

/** From how many waits an error takes lines: recursion is deep, and many greenlets may get the same error. */
const MAX_WAITS = 32
/** How many timeouts per batch take lines: when thousands pass at once, to capture a stack takes longer than all the rest. */
const mayTakeLines = atMostPerBatch(64)

interface StackGetter {
  (): string
  /** From how many waits more, each around the one before, the error takes lines. */
  depth?: number
}

/**
 * Adds to an error's stack the lines at which coroutines wait for the call that failed. Its own stack lacks them if it was made in a
 * callback, as of a socket or a timer, or in another coroutine, whose callers the step loop does not resume.
 *
 * @param error what is about to be thrown; a `GreenletExit`, some of many timeouts, and values that are no errors stay as they are
 * @param above the function that is called by the innermost of these coroutines, and whose own line is left out
 * @returns the error
 *
 * @example
 * class Connection {
 *   private readonly lost = new Error('reset')
 *   // The error was made when the connection was lost, before anybody called.
 *   read = (): never => {
 *     throw withCallLines(this.lost, this.read)
 *   }
 * }
 */
export function withCallLines<E>(error: E, above: unknown): E {
  if (!isError(error) || error instanceof GreenletExit || (error instanceof ControlError && !mayTakeLines()))
    return error
  try {
    const { get, value = '' } = Object.getOwnPropertyDescriptor(error, 'stack')!
    const depth = (get as StackGetter)?.depth ?? MAX_WAITS
    if (depth) {
      const captured = captureStack(above)
      // Formatting a stack takes longer than a wait: it is put off until somebody reads it.
      const extended = () => (get ? get.call(error) : value) + captured()
      extended.depth = depth - 1
      Object.defineProperty(error, 'stack', {
        get: extended,
        set: (value) => Object.defineProperty(error, 'stack', { value, writable: true }),
      })
    }
  } catch {
    // An error that is frozen, or has no stack, or cannot be inspected, stays as it is.
  }
  return error
}
