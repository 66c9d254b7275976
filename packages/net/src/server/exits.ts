import { FatalError, isControlError } from '@greenlit/core'

/** Whether an error ends the greenlet or the program rather than just the request: those that are not an `Exception` in Python. */
export function isExit(error: unknown): boolean {
  return isControlError(error) || error instanceof FatalError
}
