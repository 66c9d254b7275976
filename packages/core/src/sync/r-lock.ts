import { Call } from '../engine/call.ts'
import { type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { getcurrent, type RawGreenlet } from '../greenlet/raw-greenlet.ts'
import type { Held } from './held.ts'
import { Lock } from './lock.ts'
import { type AcquireOptions, hold } from './semaphore.ts'

/** The lock underneath, as in threading. The class name appears in reports of what greenlets wait on. */
const Block = class RLock extends Lock {}

/**
 * A reentrant lock: the greenlet that owns it may acquire it again, and must release it as many times (gevent and threading: RLock).
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
   * Acquires the lock, waiting until it is free unless the caller owns it already.
   *
   * @param options see `AcquireOptions`; a `timeout` of -1 means no limit, as in threading
   * @returns whether the lock was acquired
   * @throws {RangeError} immediately if `timeout` is negative, or given although `blocking` is false
   */
  acquire(options?: AcquireOptions): Operation<boolean> {
    return new Call<[RLock, Operation<boolean>], boolean>(RLock.take, [this, this.block.acquire(options)])
  }

  private static *take(lock: RLock, blocking: Operation<boolean>): Generator<Suspension, boolean, unknown> {
    const current = getcurrent()
    if (lock.owner !== current) {
      if (!(yield* blocking)) return false
      lock.owner = current
    }
    lock.count += 1
    return true
  }

  /**
   * Releases the lock once.
   *
   * @throws {Error} if the caller does not own it: cannot release un-acquired lock
   */
  release(): void {
    if (!this.isOwned()) throw new Error('Expected the lock to be held by the caller: cannot release un-acquired lock')
    if (this.count > 1) this.count -= 1
    else this.releaseSave()
  }

  /** Whether any greenlet owns the lock. */
  locked(): boolean {
    return this.count > 0
  }

  /** Holds the lock for a block: `using held = yield* lock.hold()`. Throws {Timeout} on timeout. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[RLock, TimeLimit], Held>(hold, [this, timeoutOf(options)])
  }

  /** @internal Whether the caller owns the lock. */
  isOwned(): boolean {
    return this.owner === getcurrent()
  }

  /** @internal Releases the lock completely, and returns how often it was held. */
  releaseSave(): number {
    const { count } = this
    this.count = 0
    this.owner = null
    this.block.release()
    return count
  }

  /** @internal Acquires the lock again, to be held `count` times. */
  *acquireRestore(count: number): Generator<Suspension, void, unknown> {
    yield* this.block.acquire()
    this.owner = getcurrent()
    this.count = count
  }
}
