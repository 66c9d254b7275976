import { GreenletExit } from '../errors/greenlet-exit.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'

/**
 * Makes a raw greenlet, to be driven by `switch` and `throw` (greenlet: greenlet).
 *
 * @param run what to run at the first switch; may be set later, as `run`
 * @param parent where the result or error goes; default the current greenlet
 * @throws {TypeError} if `run` is no function or `parent` no greenlet
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
    /** The exit that ends a greenlet quietly, as `greenlet.GreenletExit` of Python. */
    GreenletExit,
  },
)
