import { getHub } from './hub.ts'

/**
 * Returns how long a batch of ready greenlets may keep timers and I/O waiting, in milliseconds (gevent: getswitchinterval).
 *
 * @example
 * getswitchinterval() // 5
 */
export function getswitchinterval(): number {
  return getHub().switchInterval
}

/**
 * Sets how long a batch of ready greenlets may keep timers and I/O waiting; the same as `getHub().switchInterval`.
 *
 * @param milliseconds above 0; 5 at first
 * @throws {RangeError} if `milliseconds` is not above 0
 * @example
 * setswitchinterval(1) // timers and I/O come sooner, at some cost
 */
export function setswitchinterval(milliseconds: number): void {
  getHub().switchInterval = milliseconds
}
