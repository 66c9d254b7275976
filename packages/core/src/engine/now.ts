import type { TimeLimit } from './check.ts'
import { loop } from './loop.ts'

/** Returns the hub's time in milliseconds: monotonic, and the virtual clock's while a test has one. */
export function now(): number {
  return loop.clock.now()
}

/** Returns when a limit that begins now expires; `Infinity` for no limit. */
export function deadlineOf(timeout: TimeLimit): number {
  return now() + ((typeof timeout === 'object' ? timeout.milliseconds : timeout) ?? Infinity)
}
