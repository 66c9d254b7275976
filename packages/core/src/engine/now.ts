import type { TimeLimit } from './check.ts'
import { loop } from './loop.ts'

/** The hub's time in milliseconds: monotonic, and the virtual clock's while a test has one. */
export function now(): number {
  return loop.clock.now()
}

/** When a limit that begins now is over; one without end, never. */
export function deadlineOf(timeout: TimeLimit): number {
  return now() + ((typeof timeout === 'object' ? timeout.milliseconds : timeout) ?? Infinity)
}
