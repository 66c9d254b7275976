import { branded } from './branded.ts'

/**
 * What ends a greenlet's work from outside: a kill or a timeout. It is the counterpart of Python's BaseException beside
 * Exception: `attempt` lets it through, and a hand-written `catch` must too (see `isControlError`). It has no stack: to capture one
 * costs more than a kill does.
 *
 * @example
 * class Shutdown extends ControlError {} // worker.kill(Shutdown) passes every `attempt`
 */
export class ControlError extends /* @__PURE__ */ branded('ControlError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'CONTROL'

  /** @param message what to say of it; default nothing */
  constructor(message?: string, options?: ErrorOptions) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message, options)
    Error.stackTraceLimit = limit
  }
}

/**
 * Whether an error is a kill or a timeout, which a hand-written `catch` must throw on.
 *
 * @param error whatever was caught
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
