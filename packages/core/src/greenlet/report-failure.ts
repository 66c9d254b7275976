import { runCallback } from '../engine/callback.ts'
import { runtime } from '../engine/runtime.ts'
import type { Greenlet } from './greenlet.ts'
import { hub } from './hub.ts'

/** Tells the hub of a greenlet's error, as the hub's `reportErrors` says. */
export function reportFailure(greenlet: Greenlet<unknown>, error: unknown): void {
  if (hub.reportErrors === 'always') {
    runtime.reportError(greenlet, error)
    return
  }
  // Whoever waits for this greenlet now, or asks for its outcome within this batch and the next, has been told.
  const unlessObserved = () => {
    if (!greenlet.isObserved) runtime.reportError(greenlet, error)
  }
  runCallback(() => runCallback(unlessObserved))
}
