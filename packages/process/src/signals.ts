import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { wrongType, wrongValue } from '@greenlit/core/engine'

const NUMBERS: Readonly<Record<string, number>> = constants.signals

/** How a process ended, as a single number: its exit code, or the negated number of the signal that killed it. */
export function exitNumber(code: number | null, signal: string | null): number {
  if (code !== null) return code
  return signal === null ? 1 : -(NUMBERS[signal] ?? 1)
}

/** The signals that this process has sent to its children. */
const sentSignals = new WeakMap<ChildProcess, Set<string | undefined>>()

/** Sends a signal to a child. Does nothing once the child has ended. */
export function sendSignal(child: ChildProcess, signal: NodeJS.Signals | number): void {
  const sent = sentSignals.get(child) ?? new Set()
  sentSignals.set(child, sent.add(typeof signal === 'number' ? signalName(signal) : signal))
  child.kill(signal)
}

/** How much later than the end of a child the signal that ended it may reach this process, in milliseconds. */
const SIGNAL_DELAY = 20

/**
 * Calls back when a child has ended. If that was by a signal which this process did not send and which ends `run`, such as Ctrl-C, this
 * process is about to get the signal too. It comes first then, so that those who wait for the child do not go on as if nothing had
 * happened.
 */
export function whenExited(child: ChildProcess, callback: (number: number) => void): void {
  child.once('exit', (code, signal) => {
    const report = () => callback(exitNumber(code, signal))
    const isShared = (signal === 'SIGINT' || signal === 'SIGTERM') && !sentSignals.get(child)?.has(signal)
    if (isShared && process.listenerCount(signal) > 0) setTimeout(report, SIGNAL_DELAY)
    else report()
  })
}

/** The part of an exit code that the operating system keeps: its low byte. */
export function exitByte(code: number): number {
  return code & 0xff
}

/** The name of a signal, such as `SIGTERM`. */
export function signalName(number: number): NodeJS.Signals | undefined {
  for (const [name, known] of Object.entries(NUMBERS)) if (known === number) return name as NodeJS.Signals
  return undefined
}

/** Checks a signal to send, given as a name or number; 0 only tests whether the process exists. */
export function checkSignal(signal: unknown): void {
  const expected = 'the name or number of a signal'
  if (typeof signal !== 'number' && typeof signal !== 'string') throw wrongType('signal', expected, signal)
  const isKnown =
    typeof signal === 'number' ? signal === 0 || signalName(signal) !== undefined : Object.hasOwn(NUMBERS, signal)
  if (!isKnown) throw wrongValue('signal', expected, signal)
}
