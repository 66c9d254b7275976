import { checkCallable, wrongType, wrongValue } from '../engine/check.ts'
import { spawn } from './spawn.ts'

interface SignalPlatform {
  on(signal: string, listener: () => void): unknown
  off(signal: string, listener: () => void): unknown
  getBuiltinModule?(id: 'node:os'): { constants: { signals: Record<string, number> } }
}

/** A handler of a signal; see `signalHandler`. */
export interface SignalHandler {
  /** Takes the handler away; the signal has its usual effect again if there is no other. */
  cancel(): void
}

/**
 * Runs a function at each signal, in a greenlet of its own, where it may block (gevent: signal_handler). It does not keep the program
 * alive.
 *
 * @param signal its name, as 'SIGHUP'
 * @param fn a coroutine function, or a plain one
 * @param args its arguments
 * @returns the handler, to cancel it
 * @throws {TypeError} at once, if `signal` is no name or `fn` no function; {RangeError} if the platform has no such signal
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
  if (typeof signal !== 'string') {
    throw wrongType('signal', `the name of a signal, as 'SIGHUP'`, signal)
  }
  checkCallable(fn, 'fn')
  const platform = (globalThis as { process?: SignalPlatform }).process
  const signals = platform?.getBuiltinModule?.('node:os').constants.signals
  if (signals !== undefined && !(signal in signals)) {
    throw wrongValue('signal', "the name of a signal, as 'SIGHUP'", signal)
  }
  const listener = () => void spawn(fn, ...args)
  platform?.on(signal, listener)
  return { cancel: () => void platform?.off(signal, listener) }
}
