import type { Execution } from './execution.ts'
import { runtime } from './runtime.ts'
import { DEAD, NOTHING, UNSTARTED } from './states.ts'

/** Called at each switch while tracing is on; see `settrace`. */
export type Tracer = (event: 'switch' | 'throw', greenlets: [origin: unknown, target: unknown]) => void

let tracer: Tracer | null = null

/** Returns the function that is called at each switch, or `null`. */
export function currentTracer(): Tracer | null {
  return tracer
}

/** Sets the function that is called at each switch, in place of the one before; `null` ends the tracing. */
export function useTracer(callback: Tracer | null): void {
  tracer = callback
  runtime.trace = callback === null ? null : trace
}

/** Reports a switch to the tracer. An error of the tracer is raised in the target and ends the tracing (greenlet: settrace). */
function trace(from: Execution | null, to: Execution | null): void {
  // A wait that plain code begins or ends is not a switch: main is running, and goes on.
  if (from === null && to?._isMain && to._state === UNSTARTED) return
  if (to === null && from?._isMain && from._state === DEAD && !runtime.tracesEnds) return
  const before = runtime.current
  runtime.current = to
  try {
    tracer?.(to !== null && to._failure !== NOTHING ? 'throw' : 'switch', [greenletOf(from), greenletOf(to)])
  } catch (error) {
    useTracer(null)
    if (to !== null) to._failure = error
    else runtime.reportError(runtime.hub, error)
  }
  runtime.current = before
}

function greenletOf(execution: Execution | null): Execution | null {
  return execution === null ? runtime.hub : execution._isMain ? runtime.main : execution
}
