import { GreenletExit } from '../errors/greenlet-exit.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'

/**
 * Creates a raw greenlet, driven by `switch` and `throw` (greenlet: greenlet).
 *
 * @param run the function to run at the first switch; may also be set later, as `run`
 * @param parent the greenlet that receives the result or error; default the current greenlet
 * @throws {TypeError} if `run` is not a function or `parent` not a greenlet
 * @example
 * const first = greenlet(function* () {
 *   console.log(1)
 *   yield* second.switch()
 *   console.log(3)
 * })
 * const second = greenlet(function* () {
 *   console.log(2)
 *   yield* first.switch()
 * })
 * runSync(first.switch()) // prints 1 2 3
 */
export const greenlet = /* @__PURE__ */ Object.assign(
  function greenlet(run?: GreenletFunction, parent?: RawGreenlet): RawGreenlet {
    return new RawGreenlet(run, parent)
  },
  {
    /** The exit that ends a greenlet quietly, like Python's `greenlet.GreenletExit`. */
    GreenletExit,
  },
)
