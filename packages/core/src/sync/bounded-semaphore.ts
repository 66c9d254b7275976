import { Semaphore } from './semaphore.ts'

/**
 * A semaphore that never has more permits than initially (gevent: BoundedSemaphore).
 *
 * @example
 * const connections = new BoundedSemaphore(5)
 */
export class BoundedSemaphore extends Semaphore {
  private readonly bound: number

  /**
   * @param value the initial and maximum number of permits, a non-negative integer. Default 1
   * @throws {RangeError} if `value` is negative
   */
  constructor(value = 1) {
    super(value)
    this.bound = value
  }

  /**
   * Releases permits.
   *
   * @param count how many, an integer of at least 1. Default 1
   * @throws {RangeError} if there would be more permits than initially; none is released then
   */
  override release(count = 1): number {
    if (this.counter + count > this.bound)
      throw new RangeError('Expected no more permits than at first: released too many times')
    return super.release(count)
  }
}
