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
   * Acquires the lock, waiting until it is free.
   *
   * @param options see `AcquireOptions`; a `timeout` of -1 means no limit, as in threading
   * @returns whether this call acquired the lock
   * @throws {RangeError} immediately if `timeout` is negative, or given although `blocking` is false
   */
  override acquire(options?: AcquireOptions): Operation<boolean> {
    return super.acquire(checkLockOptions(options))
  }

  /**
   * Releases the lock.
   *
   * @throws {Error} if it is not locked: release unlocked lock
   */
  override release(): number {
    if (this.counter > 0) throw new Error('Expected the lock to be held: release unlocked lock')
    return super.release()
  }
}

/** Validates the options of `acquire`; threading's `timeout` of -1 becomes none. */
function checkLockOptions(options: AcquireOptions | undefined): AcquireOptions | undefined {
  if (!options) return options
  if (checkOptions(options).timeout === -1) return { ...options, timeout: undefined }
  checkTimeoutFromZero(options.timeout)
  return options
}
