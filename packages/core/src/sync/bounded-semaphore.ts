import { Semaphore } from './semaphore.ts'

/**
 * A semaphore that cannot be given back more permits than it began with (gevent: BoundedSemaphore).
 *
 * @example
 * const connections = new BoundedSemaphore(5)
 */
export class BoundedSemaphore extends Semaphore {
  private readonly most: number

  /**
   * @param value how many permits there are, and at most, a whole number from 0 up. Default 1
   * @throws {RangeError} if `value` is negative
   */
  constructor(value = 1) {
    super(value)
    this.most = value
  }

  /**
   * Gives permits back.
   *
   * @param count how many, a whole number from 1 up. Default 1
   * @throws {RangeError} if that made more than there were at first; none is given back then
   */
  override release(count = 1): number {
    if (this.counter + count > this.most)
      throw new RangeError('Expected no more permits than at first: released too many times')
    return super.release(count)
  }
}
