/**
 * Helpers for tests of code that runs on greenlets.
 *
 * @module
 */
export type { Clock } from './engine/clock.ts'
export { LeakCheck, type LeakCheckOptions, type Leaks, watchLeaks } from './testing/leak-check.ts'
export { useVirtualClock, VirtualClock } from './testing/virtual-clock.ts'
export { virtualTime } from './testing/virtual-time.ts'
