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
   * Gives a permit back.
   *
   * @throws {RangeError} if that made more than there were at first
   */
  override release(): number {
    if (this.counter >= this.most)
      throw new RangeError('Expected a permit to be released after it was acquired: semaphore released too many times')
    return super.release()
  }
}
