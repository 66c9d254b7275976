import type { TimeLimit } from './check.ts'
import { loop } from './loop.ts'

/**
 * Returns the hub's time in milliseconds: monotonic, and the virtual clock's while a test has one.
 *
 * @example
 * const begin = now()
 * yield* sleep(10)
 * const elapsed = now() - begin // 10 or a little more
 */
export function now(): number {
  return loop.clock.now()
}

/** Returns when a limit that begins now expires; `Infinity` for no limit. */
export function deadlineOf(timeout: TimeLimit): number {
  return now() + ((typeof timeout === 'object' ? timeout.milliseconds : timeout) ?? Infinity)
}
