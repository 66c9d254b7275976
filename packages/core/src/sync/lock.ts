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
   * @param options see `AcquireOptions`
   * @returns whether it is locked now by this call
   * @throws {RangeError} at once, if `blocking` is false and there is a `timeout`
   */
  override acquire(options?: AcquireOptions): Operation<boolean> {
    if (options?.blocking === false && options.timeout !== undefined && options.timeout !== -1) {
      throw new RangeError('Expected no `timeout` for a call that does not block')
    }
    return super.acquire(options)
  }

  /**
   * Unlocks.
   *
   * @throws {Error} if it is not locked: release unlocked lock
   */
  override release(): number {
    if (this.counter > 0) throw new Error('Expected the lock to be locked: release unlocked lock')
    return super.release()
  }
}
