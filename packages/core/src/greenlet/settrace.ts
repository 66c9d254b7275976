import { checkCallableIfGiven } from '../engine/check.ts'
import { currentTracer, type Tracer, useTracer } from '../engine/trace.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/**
 * Is called at each switch, in the target, before that goes on. The event is 'throw' if an error arrives with it; a greenlet's
 * end is a switch, or a throw, to its parent.
 */
export type TraceCallback = (event: 'switch' | 'throw', greenlets: [origin: RawGreenlet, target: RawGreenlet]) => void

/**
 * Has a function called at each switch between greenlets (greenlet: settrace). What it throws is raised in the target, and ends
 * the tracing. A switch to a dead greenlet is told with who receives it.
 *
 * @param callback what to call; `undefined` ends the tracing
 * @returns the callback before, or `undefined`
 * @throws {TypeError} if it is no function
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
 * The function that is called at each switch, if there is one (greenlet: gettrace).
 *
 * @example
 * const isTraced = gettrace() !== undefined
 */
export function gettrace(): TraceCallback | undefined {
  return (currentTracer() as TraceCallback | null) ?? undefined
}
