/** In how many turns of Node's event loop everything that the kernel has received becomes visible. */
const TURNS = 2

/** A non-blocking call that has found nothing yet. */
export interface Looking {
  readonly isWaiting: boolean
  /** Ends the call with what has become visible, or its refusal. */
  lookOnce(): void
}

/**
 * Lets a non-blocking call look again when everything that has already arrived is visible. Besides finding more, this keeps a loop
 * of such calls from starving the input that it waits for.
 */
export function lookSoon(call: Looking): void {
  setImmediate(turn, call, TURNS)
}

function turn(call: Looking, turnsLeft: number): void {
  if (!call.isWaiting) return
  if (turnsLeft > 1) setImmediate(turn, call, turnsLeft - 1)
  else call.lookOnce()
}
