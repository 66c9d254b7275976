import { getcurrent, type Operation, type RawGreenlet, type Suspension } from '@greenlit/core'
import { Call, Done } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { Permits, type SharedAcquireOptions } from './semaphore.ts'
import { SemaphoreState } from './semaphore-state.ts'

/**
 * A reentrant lock between processes, which its owner can acquire again (Python: multiprocessing.RLock). The owner is a greenlet.
 *
 * @example
 * const lock = new RLock()
 * yield* lock.acquire()
 * yield* lock.acquire() // no deadlock
 * lock.release()
 * lock.release()
 */
export class RLock extends Permits {
  private owner: RawGreenlet | undefined = undefined
  private count = 0

  constructor()
  /** @internal */
  constructor(ref?: ObjectRef)
  constructor(ref: ObjectRef = ObjectRef.local(new SemaphoreState('RLock', 1, 1))) {
    super(ref)
  }

  protected get kind(): string {
    return 'RLock'
  }

  override acquire(options: SharedAcquireOptions = {}): Operation<boolean> {
    return new Call<[RLock, Operation<boolean>], boolean>(RLock.take, [this, super.acquire(options)])
  }

  private static *take(lock: RLock, acquired: Operation<boolean>): Generator<Suspension, boolean, unknown> {
    const me = getcurrent()
    if (lock.owner !== me) {
      if (!(yield* acquired)) return false
      lock.owner = me
    }
    lock.count += 1
    return true
  }

  /**
   * Releases the lock once.
   *
   * @throws {Error} if the calling greenlet does not own it
   */
  override release(): Operation<number> {
    if (!this.isOwned())
      throw new Error(
        'Expected the lock to be released by its owner: attempt to release recursive lock not owned by thread',
      )
    this.count -= 1
    if (this.count > 0) return new Done() as Operation<unknown> as Operation<number>
    this.owner = undefined
    return super.release()
  }

  /** @internal Whether the calling greenlet owns the lock. */
  isOwned(): boolean {
    return this.owner === getcurrent()
  }

  /** @internal Releases the lock completely and returns how many times it was held. */
  releaseSave(): number {
    const { count } = this
    this.count = 1
    this.release()
    return count
  }

  /** @internal Restores the count that `releaseSave` returned. */
  restore(count: number): void {
    this.count = count
  }
}

shareClass('RLock', RLock, ([, node, key]) => new RLock(ObjectRef.at(node, key)))
