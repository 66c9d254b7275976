import { Call } from '../engine/call.ts'
import { type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import type { Held } from './held.ts'
import { Lock } from './lock.ts'
import { type AcquireOptions, hold } from './semaphore.ts'

/** Its name stands in reports of who waits on what. */
const Block = class RLock extends Lock {}

/**
 * A lock that its owner may take again; it is free once released as often (gevent and threading: RLock). The owner is the greenlet.
 *
 * @example
 * const lock = new RLock()
 * yield* lock.acquire()
 * yield* lock.acquire() // no deadlock
 * lock.release()
 * lock.release()
 */
export class RLock {
  private readonly block = new Block()
  private owner: RawGreenlet | null = null
  private count = 0

  /**
   * Takes the lock, waiting unless it is free or the caller's.
   *
   * @param options see `AcquireOptions`; a `timeout` of -1 is without end, as in threading
   * @returns whether it was taken
   * @throws {RangeError} at once, if `blocking` is false and there is a `timeout`, or that is negative
   */
  acquire(options?: AcquireOptions): Operation<boolean> {
    return new Call<[RLock, Operation<boolean>], boolean>(RLock.take, [this, this.block.acquire(options)])
  }

  private static *take(lock: RLock, blocking: Operation<boolean>): Generator<Suspension, boolean, unknown> {
    const me = getcurrent()
    if (lock.owner === me) {
      lock.count += 1
      return true
    }
    if (!(yield* blocking)) return false
    lock.owner = me
    lock.count = 1
    return true
  }

  /**
   * Gives the lock back once.
   *
   * @throws {Error} if the caller does not own it: cannot release un-acquired lock
   */
  release(): void {
    if (this.owner !== getcurrent())
      throw new Error('Expected the lock to be held by the caller: cannot release un-acquired lock')
    this.count -= 1
    if (this.count > 0) return
    this.owner = null
    this.block.release()
  }

  /** Whether a greenlet owns it. */
  locked(): boolean {
    return this.count > 0
  }

  /** Takes the lock for a block: `using held = yield* lock.hold()`. Throws {Timeout} when the time is over. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[RLock, TimeLimit], Held>(hold, [this, timeoutOf(options)])
  }

  /** @internal Whether the caller owns it. */
  isOwned(): boolean {
    return this.owner === getcurrent()
  }

  /** @internal Frees the lock wholly; answers how often it was held. */
  releaseSave(): number {
    const { count } = this
    this.count = 0
    this.owner = null
    this.block.release()
    return count
  }

  /** @internal Takes the lock as often as it was held before. */
  *acquireRestore(count: number): Generator<Suspension, void, unknown> {
    yield* this.block.acquire()
    this.owner = getcurrent()
    this.count = count
  }
}
