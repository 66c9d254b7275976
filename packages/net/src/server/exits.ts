import { FatalError, isControlError } from '@greenlit/core'

/** Whether an error is none of its request but ends the greenlet or the program: what Python does not count as an Exception. */
export function isExit(error: unknown): boolean {
  return isControlError(error) || error instanceof FatalError
}
