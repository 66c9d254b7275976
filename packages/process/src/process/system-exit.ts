import { ControlError } from '@greenlit/core'
import { branded } from '@greenlit/core/engine'

/**
 * Ends the process that throws it, quietly (Python: SystemExit, which `sys.exit` raises). It is a `ControlError`: `attempt` lets it
 * through.
 *
 * @example
 * export function* work() {
 *   if (!(yield* prepare())) throw new SystemExit('nothing to do') // printed, exit code 1
 *   throw new SystemExit(3)
 * }
 */
export class SystemExit extends /* @__PURE__ */ branded('SystemExit', ControlError) {
  override readonly code: string = 'SYSTEM_EXIT'
  /** The exit code; `undefined` is 0, words are printed and mean 1. */
  readonly status: number | string | undefined

  constructor(status?: number | string) {
    super(status === undefined ? '' : String(status))
    this.status = status
  }
}
