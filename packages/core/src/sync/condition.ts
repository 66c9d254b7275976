import { Call } from '../engine/call.ts'
import { checkCallable, checkWhole, type TimeLimit, timeoutOf, wrongType } from '../engine/check.ts'
import { deadlineOf, now } from '../engine/now.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { shield } from '../greenlet/shield.ts'
import { raiseReplacement } from '../greenlet/timeout.ts'
import { AsyncResult } from './async-result.ts'
import type { Held } from './held.ts'
import type { Lock } from './lock.ts'
import { RLock } from './r-lock.ts'
import { type AcquireOptions, hold, Semaphore } from './semaphore.ts'

/** The notification of one waiter. The class name appears in reports of what greenlets wait on. */
const Notification = class Condition extends AsyncResult<true> {}

/**
 * A condition variable: lets greenlets wait, with a lock released meanwhile, until another notifies them of a change (threading:
 * Condition).
 *
 * @example
 * const condition = new Condition()
 * yield* condition.acquire()
 * yield* condition.waitFor(() => items.length > 0)
 * const item = items.pop()
 * condition.release()
 */
export class Condition {
  private readonly lock: Lock | RLock
  private readonly waiters: Set<AsyncResult<true>> = new Set()

  /** @param lock the lock that guards the state; default a new `RLock`. Throws {TypeError} for anything but a lock */
  constructor(lock?: Lock | RLock) {
    this.lock = lock ?? new RLock()
    if (!(this.lock instanceof RLock || this.lock instanceof Semaphore))
      throw wrongType('lock', 'a Lock or an RLock', lock)
  }

  /** Acquires the lock; see the lock's own `acquire`. */
  acquire(options?: AcquireOptions): Operation<boolean> {
    return this.lock.acquire(options)
  }

  /** Releases the lock. Throws like the lock's own `release`. */
  release(): void {
    this.lock.release()
  }

  /** Whether the lock is held. */
  locked(): boolean {
    return this.lock.locked()
  }

  /** Holds the lock for a block: `using held = yield* condition.hold()`. Throws {Timeout} on timeout. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Condition, TimeLimit], Held>(hold, [this, timeoutOf(options)])
  }

  /**
   * Releases the lock, waits for a notification, and acquires the lock again, even after a kill or timeout.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @returns `true`; `false` on timeout
   * @throws {Error} if the lock is not held: cannot wait on un-acquired lock
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    const timeout = timeoutOf(options)
    return new Call<[Condition, TimeLimit], boolean>(Condition.waitHeld, [this, timeout])
  }

  /**
   * Waits until a predicate returns a truthy value. The predicate is called with the lock held: at first and after each notification.
   *
   * @param predicate a plain function, or one that may block
   * @param options `timeout`: milliseconds in total, default no limit
   * @returns the last result of `predicate`
   * @throws {Error} if it has to wait and the lock is not held; {TypeError} immediately if `predicate` is not a function
   */
  waitFor<R>(predicate: () => R, options: { timeout?: TimeLimit } = {}): Operation<Outcome<R>> {
    checkCallable(predicate, 'predicate')
    return new Call<[Condition, () => R, TimeLimit], Outcome<R>>(Condition.waitUntil, [
      this,
      predicate,
      timeoutOf(options),
    ])
  }

  /**
   * Wakes waiters, the longest waiting first. Each continues once it has acquired the lock.
   *
   * @param count the maximum number of waiters to wake, a non-negative integer. Default 1
   * @throws {TypeError} or {RangeError} if `count` is not such an integer; {Error} if the lock is not held
   */
  notify(count = 1): void {
    checkWhole(count, 'count', 0)
    this.checkHeld('notify')
    this.wake(count)
  }

  /** Wakes all waiters. Throws {Error} if the lock is not held. */
  notifyAll(): void {
    this.notify(this.waiters.size)
  }

  private wake(count: number): void {
    let left = count
    for (const waiter of this.waiters) {
      if (left === 0) return
      left -= 1
      this.waiters.delete(waiter)
      waiter.set(true)
    }
  }

  private checkHeld(verb: string): void {
    const held = this.lock instanceof RLock ? this.lock.isOwned() : this.lock.locked()
    if (!held) throw new Error(`Expected the lock to be held: cannot ${verb} on un-acquired lock`)
  }

  private static *waitHeld(condition: Condition, timeout: TimeLimit): Generator<Suspension, boolean, unknown> {
    condition.checkHeld('wait')
    const { lock } = condition
    const waiter = new Notification()
    condition.waiters.add(waiter)
    const count = lock instanceof RLock ? lock.releaseSave() : lock.release()
    try {
      try {
        yield* waiter.wait({ timeout })
      } finally {
        condition.waiters.delete(waiter)
        yield* shield<unknown>(lock instanceof RLock ? lock.acquireRestore(count!) : lock.acquire())
      }
    } catch (error) {
      // A waiter that is killed after it was notified, even while it acquires the lock again, passes the notification on.
      if (waiter.ready()) condition.wake(1)
      throw error
    }
    return waiter.ready()
  }

  private static *waitUntil<R>(
    condition: Condition,
    predicate: () => R,
    limit: TimeLimit,
  ): Generator<Suspension, Outcome<R>, unknown> {
    const deadline = deadlineOf(limit)
    for (;;) {
      const holds = yield* drive<Outcome<R>>(predicate())
      if (holds) return holds
      const timeout = deadline - now()
      if (timeout <= 0) {
        raiseReplacement(limit)
        return holds
      }
      yield* condition.wait({ timeout })
    }
  }
}
