import { runCallback } from '@greenlit/core/engine'

/** Returns a function that calls `fn` in the hub's next turn; calls until then are one. */
export function onceSoon(fn: () => void): () => void {
  let isScheduled = false
  const run = () => {
    isScheduled = false
    fn()
  }
  return () => {
    if (!isScheduled) runCallback(run)
    isScheduled = true
  }
}
