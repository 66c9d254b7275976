/** The hub's source of time and of its one native timer; tests replace it (see `@greenlit/core/testing`). */
export interface Clock {
  /** The time in milliseconds from an arbitrary origin; it never goes back. */
  now(): number
  /** Calls back once after `delay` milliseconds; returns the handle for `clearTimer`. */
  setTimer(callback: () => void, delay: number): unknown
  /** Cancels a timer. */
  clearTimer(timer: unknown): void
  /** Sets whether the timer keeps the program alive. */
  refTimer(timer: unknown, ref: boolean): void
}

interface NativeTimer {
  ref?(): void
  unref?(): void
}

/** The real time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delay) => setTimeout(callback, delay),
  clearTimer: (timer) => clearTimeout(timer as Parameters<typeof clearTimeout>[0]),
  refTimer(timer, ref) {
    ;(timer as NativeTimer)[ref ? 'ref' : 'unref']?.()
  },
}

/** Runs the callback after the platform has served its timers and I/O once. */
export const afterOtherWork: (callback: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : afterMessage()

function afterMessage(): (callback: () => void) => void {
  const callbacks: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => callbacks.shift()?.()
  return (callback) => {
    callbacks.push(callback)
    port2.postMessage(undefined)
  }
}
