import { checkCallableIfGiven } from '../engine/check.ts'
import { currentTracer, type Tracer, useTracer } from '../engine/trace.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/**
 * Called at each switch, in the target, before the target continues. The event is 'throw' if the switch delivers an error. The
 * end of a greenlet is a switch, or a throw, to its parent.
 */
export type TraceCallback = (event: 'switch' | 'throw', greenlets: [origin: RawGreenlet, target: RawGreenlet]) => void

/**
 * Sets a function that is called at each switch between greenlets (greenlet: settrace). An error it throws is raised in the
 * target and ends the tracing. A switch to a dead greenlet is reported with the greenlet that receives it.
 *
 * @param callback the function; `undefined` ends the tracing
 * @returns the previous callback, or `undefined`
 * @throws {TypeError} if `callback` is not a function
 * @example
 * const previous = settrace((event, [origin, target]) => console.log(`${event}: ${origin} -> ${target}`))
 */
export function settrace(callback: TraceCallback | undefined): TraceCallback | undefined {
  checkCallableIfGiven(callback, 'callback')
  const previous = gettrace()
  useTracer((callback as Tracer | undefined) ?? null)
  return previous
}

/**
 * Returns the function that is called at each switch, or `undefined` (greenlet: gettrace).
 *
 * @example
 * const isTraced = gettrace() !== undefined
 */
export function gettrace(): TraceCallback | undefined {
  return (currentTracer() as TraceCallback | null) ?? undefined
}
