import type { Execution } from './execution.ts'
import { runtime } from './runtime.ts'
import { NOTHING, UNSTARTED } from './states.ts'

/** Is called at each switch while tracing is on; see `settrace`. */
export type Tracer = (event: 'switch' | 'throw', greenlets: [origin: unknown, target: unknown]) => void

let tracer: Tracer | null = null

/** What is called at each switch, or `null`. */
export function currentTracer(): Tracer | null {
  return tracer
}

/** Has a function called at each switch, in place of the one before; `null` ends that. */
export function useTracer(callback: Tracer | null): void {
  tracer = callback
  runtime.trace = callback === null ? null : trace
}

/** Tells the tracer of a switch; an error of the tracer is raised in the target, and ends the tracing (greenlet: settrace). */
function trace(from: Execution | null, to: Execution | null): void {
  // A wait that plain code begins is no switch: main runs already.
  if (from === null && to?.standsForMain && to.state === UNSTARTED) return
  const before = runtime.current
  runtime.current = to
  try {
    tracer?.(to !== null && to.failure !== NOTHING ? 'throw' : 'switch', [greenletOf(from), greenletOf(to)])
  } catch (error) {
    useTracer(null)
    if (to !== null) to.failure = error
    else runtime.reportError(runtime.hub, error)
  }
  runtime.current = before
}

function greenletOf(execution: Execution | null): Execution | null {
  return execution === null ? runtime.hub : execution.standsForMain ? runtime.main : execution
}
