import { ControlError } from '@greenlit/core'
import { branded } from '@greenlit/core/engine'

/**
 * Thrown to end a child process without a stack trace, in any of its greenlets (Python: SystemExit, which `sys.exit` raises). It is
 * a `ControlError`, so `attempt` does not catch it. The main program is no child: use `process.exit` there.
 *
 * @example
 * export function* work() {
 *   if (!(yield* prepare())) throw new SystemExit('nothing to do') // printed, exit code 1
 *   throw new SystemExit(3)
 * }
 */
export class SystemExit extends /* @__PURE__ */ branded('SystemExit', ControlError) {
  override readonly code: string = 'SYSTEM_EXIT'
  /** The exit code. `undefined` and false mean 0, true means 1; a string is printed to standard error and means 1. */
  readonly status: number | string | boolean | undefined

  constructor(status?: number | string | boolean) {
    super(status === undefined ? '' : String(status))
    this.status = status
  }
}
