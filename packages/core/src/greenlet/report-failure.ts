import { runCallback } from '../engine/callback.ts'
import { runtime } from '../engine/runtime.ts'
import type { Greenlet } from './greenlet.ts'
import { hub } from './hub.ts'

/** Reports a greenlet's error to the hub, as the hub's `reportErrors` says. */
export function reportFailure(greenlet: Greenlet<unknown>, error: unknown): void {
  if (hub.reportErrors === 'always') {
    runtime.reportError(greenlet, error)
    return
  }
  // Anyone who waits for the greenlet now, or asks for its outcome in this batch or the next, sees the error there.
  const unlessObserved = () => {
    if (!greenlet._observed) runtime.reportError(greenlet, error)
  }
  runCallback(() => runCallback(unlessObserved))
}
