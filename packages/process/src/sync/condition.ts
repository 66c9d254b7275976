import { type Operation, type Suspension, shield } from '@greenlit/core'
import { Call, checkCallable, checkWhole, drive, show, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { reviveShared, type SharedReference, shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'
import { timeLeft } from '../wait/external-wait.ts'
import { RLock } from './r-lock.ts'
import { type Held, holdPermit, Lock, type SharedAcquireOptions } from './semaphore.ts'

/** A waiter for a notification. It is registered before it releases the lock, so that it misses no notification. */
interface Waiter {
  readonly node: string
  asker: Asker | undefined
  notified: boolean
}

/** The state of a condition in the process that owns it. */
export class ConditionState implements OwnedObject {
  private readonly waiters = new Map<number, Waiter>()
  private lastNumber = 0

  ask(asker: Asker, method: string, [argument, hasReceived]: readonly unknown[]): void {
    if (method === 'enter') {
      this.lastNumber += 1
      this.waiters.set(this.lastNumber, { node: asker.node, asker: undefined, notified: false })
      asker.answer(this.lastNumber)
    } else if (method === 'wait') {
      const waiter = this.waiters.get(argument as number)
      if (waiter === undefined || waiter.notified) asker.answer(true)
      else waiter.asker = asker
    } else if (method === 'exit') {
      this.remove(argument as number, hasReceived === true)
      asker.answer()
    } else {
      asker.answer(this.notify(argument as number | null))
    }
  }

  private notify(count: number | null): number {
    let woken = 0
    for (const waiter of this.waiters.values()) {
      if (woken === count) break
      if (waiter.notified) continue
      waiter.notified = true
      waiter.asker?.answer(true)
      woken += 1
    }
    return woken
  }

  /**
   * Removes a waiter. One that was notified but did not receive it, because it was killed or timed out, passes the notification on.
   */
  private remove(number: number, hasReceived: boolean): void {
    const waiter = this.waiters.get(number)
    this.waiters.delete(number)
    if (waiter?.notified && !hasReceived) this.notify(1)
  }

  leave(asker: Asker): void {
    for (const waiter of this.waiters.values()) if (waiter.asker === asker) waiter.asker = undefined
  }

  undo(_node: string, method: string, value: unknown): void {
    if (method === 'enter') this.remove(value as number, false)
  }

  forget(isLost: (node: string) => boolean): void {
    for (const [number, { node }] of this.waiters) if (isLost(node)) this.remove(number, false)
  }
}

/**
 * A condition variable between processes: a process releases a lock and waits until another notifies it (Python:
 * multiprocessing.Condition).
 *
 * @example
 * const condition = new Condition()
 * yield* condition.acquire()
 * yield* condition.waitFor(() => value.value > 0)
 * condition.release()
 */
export class Condition extends SharedObject {
  private readonly lock: Lock | RLock

  /** @param lock the lock that protects the shared state; a new `RLock` by default */
  constructor(lock?: Lock | RLock)
  /** @internal */
  constructor(lock: Lock | RLock | undefined, ref: ObjectRef)
  constructor(lock: Lock | RLock = new RLock(), ref: ObjectRef = ObjectRef.local(new ConditionState())) {
    super(ref)
    if (!(lock instanceof Lock || lock instanceof RLock))
      throw new TypeError(`Expected \`lock\` to be a Lock or RLock between processes, got ${show(lock)}`)
    this.lock = lock
  }

  protected get kind(): string {
    return 'Condition'
  }

  override toReference(destination: string | undefined): SharedReference {
    return ['Condition', this.ref.node, this.ref.sentTo(destination), this.lock.toReference(destination)]
  }

  /** Acquires the lock; see the lock's own `acquire`. */
  acquire(options?: SharedAcquireOptions): Operation<boolean> {
    return this.lock.acquire(options)
  }

  /** Releases the lock. */
  release(): Operation<number> {
    return this.lock.release()
  }

  /** Holds the lock for a block: `using held = yield* condition.hold()`. Throws {TimeoutError} when the timeout expires. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Condition, TimeLimit], Held>(holdPermit, [this, timeoutOf(options)])
  }

  /**
   * Releases the lock, waits to be notified, and acquires the lock again, even when killed or timed out.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @returns `true`; `false` when the timeout expires
   * @throws {Error} if the lock is not held
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    const timeout = timeoutOf(options)
    return new Call<[Condition, TimeLimit], boolean>(Condition.waitHeld, [this, timeout])
  }

  /**
   * Waits until a predicate is true. It is evaluated with the lock held, first immediately and then after each notification.
   *
   * @param predicate the condition; a plain function or a coroutine function
   * @param options `timeout`: milliseconds for the whole wait, unlimited by default
   * @returns the last value of `predicate`
   * @throws {Error} if it has to wait and the lock is not held; {TypeError} immediately, if `predicate` is not a function
   */
  waitFor<T>(
    predicate: () => T,
    options: { timeout?: TimeLimit } = {},
  ): Operation<T extends Generator<Suspension, infer R, unknown> ? R : T> {
    checkCallable(predicate, 'predicate')
    return new Call(Condition.waitUntil, [this, predicate, timeoutOf(options)] as never) as never
  }

  /**
   * Wakes waiters, longest waiting first, immediately; they continue once they can acquire the lock.
   *
   * @param count the maximum number of waiters to wake. Default 1
   * @throws {Error} if the lock is an `RLock` that the caller does not hold; this cannot be checked for a `Lock`
   */
  notify(count = 1): Operation<number> {
    checkWhole(count, 'count', 0)
    this.checkHeld('notify')
    return this.callNow<number>('notify', [count])
  }

  /** Wakes all waiters. Throws in the same cases as `notify`. */
  notifyAll(): Operation<number> {
    this.checkHeld('notify')
    return this.callNow<number>('notify', [null])
  }

  private checkHeld(verb: string): void {
    if (this.lock instanceof RLock && !this.lock.isOwned())
      throw new Error(`Expected the lock to be held: cannot ${verb} on un-acquired lock`)
  }

  /** Stops waiting. The call has no reply, so that an owner that is gone causes no further error. */
  private exit(number: number, hasReceived: boolean): void {
    if (this.ref.owned === null) tree.requests.tell(this.ref, 'exit', [number, hasReceived], undefined)
    else this.callNow('exit', [number, hasReceived])
  }

  private static *waitHeld(condition: Condition, timeout: TimeLimit): Generator<Suspension, boolean, unknown> {
    condition.checkHeld('wait')
    const { lock } = condition
    const number = yield* condition.ask<number>('enter', NONE)
    let count: number | undefined
    try {
      count = lock instanceof RLock ? lock.releaseSave() : void lock.release()
    } catch (error) {
      condition.exit(number, false)
      throw error
    }
    let hasReceived = false
    try {
      hasReceived = yield* condition.ask<boolean>('wait', [number], { timeout, onExpiry: () => false })
      return hasReceived
    } finally {
      condition.exit(number, hasReceived)
      yield* shield(lock.acquire())
      if (lock instanceof RLock) lock.restore(count ?? 1)
    }
  }

  private static *waitUntil(
    condition: Condition,
    predicate: () => unknown,
    timeout: TimeLimit,
  ): Generator<Suspension, unknown, unknown> {
    const left = timeLeft(timeout)
    let isLate = false
    for (;;) {
      const holds = yield* drive(predicate())
      const limit = left()
      if (holds || isLate || limit === 0) return holds
      isLate = !(yield* condition.wait({ timeout: limit }))
    }
  }
}

shareClass('Condition', Condition, ([, node, key, lock]) => {
  return new Condition(reviveShared(lock as SharedReference) as unknown as Lock | RLock, ObjectRef.at(node, key))
})
