import { branded } from './branded.ts'
import { ControlError } from './control-error.ts'

/**
 * Quietly ends the greenlet it is thrown into: the greenlet counts as successful, and this very instance is its value (greenlet:
 * GreenletExit).
 *
 * @example
 * const worker = spawn(serve)
 * yield* worker.kill()
 * const value: unknown = worker.value // its type is that of what `serve` returns
 * value instanceof GreenletExit // true
 */
export class GreenletExit extends /* @__PURE__ */ branded('GreenletExit', ControlError) {
  override readonly code: string = 'GREENLET_EXIT'
}
