import { checkOptions, checkTimeoutFromZero } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { type AcquireOptions, Semaphore } from './semaphore.ts'

/**
 * A lock that any greenlet may release (threading: Lock).
 *
 * @example
 * const lock = new Lock()
 * using held = yield* lock.hold()
 */
export class Lock extends Semaphore {
  constructor() {
    super(1)
  }

  /**
   * Locks, waiting for the lock to be free.
   *
   * @param options see `AcquireOptions`; a `timeout` of -1 is without end, as in threading
   * @returns whether it is locked now by this call
   * @throws {RangeError} at once, if `blocking` is false and there is a `timeout`, or that is negative
   */
  override acquire(options?: AcquireOptions): Operation<boolean> {
    return super.acquire(checkLockOptions(options))
  }

  /**
   * Unlocks.
   *
   * @throws {Error} if it is not locked: release unlocked lock
   */
  override release(): number {
    if (this.counter > 0) throw new Error('Expected the lock to be held: release unlocked lock')
    return super.release()
  }
}

/** Checks how to acquire a lock; threading's -1 becomes no timeout. */
function checkLockOptions(options: AcquireOptions | undefined): AcquireOptions | undefined {
  if (options === undefined || checkOptions(options).timeout === undefined) return options
  if (options.timeout === -1) return options.blocking === false ? { blocking: false } : undefined
  checkTimeoutFromZero(options.timeout)
  return options
}
