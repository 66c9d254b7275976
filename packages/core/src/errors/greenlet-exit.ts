import { brand } from './brand.ts'
import { ControlError } from './control-error.ts'

/**
 * Ends the greenlet it is thrown into, quietly: the greenlet counts as successful and this very instance is its value
 * (greenlet: GreenletExit).
 *
 * @example
 * const worker = spawn(serve)
 * yield* worker.kill()
 * worker.value instanceof GreenletExit // true
 */
export class GreenletExit extends ControlError {
  static {
    brand(GreenletExit, 'GreenletExit')
  }
  override readonly code: string = 'GREENLET_EXIT'
}
