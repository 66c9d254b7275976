import { branded } from './branded.ts'

/**
 * Thrown in the second of two greenlets that wait on an object which serves only one at a time (gevent:
 * ConcurrentObjectUseError).
 *
 * @example
 * const finished = iwait(greenlets)
 * spawn(() => finished.next())
 * spawn(() => finished.next()) // fails with it
 */
export class ConcurrentObjectUseError extends /* @__PURE__ */ branded('ConcurrentObjectUseError') {
  /** A stable name for telling errors apart. */
  readonly code: string = 'CONCURRENT_OBJECT_USE'
}
