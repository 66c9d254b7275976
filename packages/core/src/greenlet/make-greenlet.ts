import { GreenletExit } from '../errors/greenlet-exit.ts'
import { type GreenletFunction, RawGreenlet } from './raw-greenlet.ts'

/** The type of `greenlet`: a function that creates raw greenlets, and their class. */
export type GreenletFactory = typeof RawGreenlet & ((run?: GreenletFunction, parent?: RawGreenlet) => RawGreenlet)

/**
 * Creates a raw greenlet, driven by `switch` and `throw` (greenlet: greenlet). It is also the class of raw greenlets, under its
 * name in Python.
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
export const greenlet: GreenletFactory = /* @__PURE__ */ (() => {
  // A function, because a class cannot be called. `new` and `extends` use it as the class, as Python does.
  function greenlet(run?: GreenletFunction, parent?: RawGreenlet): RawGreenlet {
    return new.target ? Reflect.construct(RawGreenlet, [run, parent], new.target) : new RawGreenlet(run, parent)
  }
  greenlet.prototype = RawGreenlet.prototype
  greenlet.GreenletExit = GreenletExit
  return greenlet as unknown as GreenletFactory
})()
