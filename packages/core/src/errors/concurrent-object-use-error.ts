import { branded } from './branded.ts'

/**
 * Two greenlets wait on something that serves only one at a time (gevent: ConcurrentObjectUseError). The second gets it.
 *
 * @example
 * const finished = iwait(greenlets)
 * spawn(() => finished.next())
 * spawn(() => finished.next()) // throws
 */
export class ConcurrentObjectUseError extends /* @__PURE__ */ branded('ConcurrentObjectUseError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'CONCURRENT_OBJECT_USE'
}
