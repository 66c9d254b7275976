import { branded } from './branded.ts'

/**
 * The base of the errors that end a greenlet's work from outside: kills and timeouts. It corresponds to Python's BaseException as
 * opposed to Exception: `attempt` lets it through, and a hand-written `catch` must rethrow it (see `isControlError`). Its
 * `stack` has no line of where it was made, which is in the hub, and that of a `GreenletExit` none at all: a capture costs more than
 * a kill.
 *
 * @example
 * class Shutdown extends ControlError {} // worker.kill(Shutdown) passes every `attempt`
 */
export class ControlError extends /* @__PURE__ */ branded('ControlError') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'CONTROL'

  /** @param message the message; default empty */
  constructor(message?: string, options?: ErrorOptions) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = limit
  }
}

/**
 * Whether an error is a kill or a timeout, which a hand-written `catch` must rethrow.
 *
 * @param error the caught value
 *
 * @example
 * try {
 *   yield* work()
 * } catch (error) {
 *   if (isControlError(error)) throw error
 *   report(error)
 * }
 */
export function isControlError(error: unknown): error is ControlError {
  return error instanceof ControlError
}
