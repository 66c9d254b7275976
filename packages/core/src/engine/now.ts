import { loop } from './loop.ts'

/** The hub's time in milliseconds: monotonic, and the virtual clock's while a test has one. */
export function now(): number {
  return loop.clock.now()
}
