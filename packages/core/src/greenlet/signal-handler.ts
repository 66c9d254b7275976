import { checkCallable, wrongType, wrongValue } from '../engine/check.ts'
import { platform } from '../engine/platform.ts'
import { spawn } from './spawn.ts'

/** A signal handler; see `signalHandler`. */
export interface SignalHandler {
  /** Removes the handler. The signal has its usual effect again if there is no other handler. */
  cancel(): void
}

/** The listeners of the handlers in force, with their signals: `run` leaves these signals to them. */
export const handled: Map<() => void, string> = /* @__PURE__ */ new Map()

/**
 * Runs a function each time a signal arrives, in a greenlet of its own, where it may block (gevent: signal_handler). The handler
 * does not keep the program alive. It replaces the usual effect of the signal, including what `run` does on SIGINT and SIGTERM.
 *
 * @param signal its name, such as 'SIGHUP'
 * @param fn a coroutine function or a plain one
 * @param args its arguments
 * @returns the handler, which can be cancelled
 * @throws {TypeError} at once, if `signal` is not a string or `fn` not a function; {RangeError} if the platform has no such
 *   signal
 * @example
 * const handler = signalHandler('SIGHUP', function* () {
 *   yield* reloadConfiguration()
 * })
 */
export function signalHandler<A extends unknown[]>(
  signal: string,
  fn: (...args: A) => unknown,
  ...args: A
): SignalHandler {
  const expected = "a name such as 'SIGHUP'"
  if (typeof signal !== 'string') throw wrongType('signal', expected, signal)
  checkCallable(fn, 'fn')
  const signals = platform?.getBuiltinModule?.('node:os').constants.signals
  if (signals !== undefined && !(signal in signals)) {
    throw wrongValue('signal', expected, signal)
  }
  const listener = () => void spawn(fn, ...args)
  platform?.on?.(signal, listener)
  handled.set(listener, signal)
  return {
    cancel() {
      handled.delete(listener)
      platform?.off?.(signal, listener)
    },
  }
}
