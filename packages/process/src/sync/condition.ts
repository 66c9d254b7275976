import { type Operation, type Suspension, shield } from '@greenlit/core'
import { Call, checkCallable, checkWhole, drive, show, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { reviveShared, type SharedReference, shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { NONE } from '../tree/arguments.ts'
import type { Asker, Owned } from '../tree/owned.ts'
import { Place } from '../tree/place.ts'
import { tree } from '../tree/tree.ts'
import { timeLeft } from '../wait/outside-wait.ts'
import { RLock } from './r-lock.ts'
import { type Held, holdPermit, Lock, type SharedAcquireOptions } from './semaphore.ts'

/** A process that waits for a notification: it has a number from before it gives the lock up, so that it misses none. */
interface Sleeper {
  readonly node: string
  asker: Asker | undefined
  notified: boolean
}

/** What is behind a condition. */
export class SleeperKeeper implements Owned {
  private readonly sleepers = new Map<number, Sleeper>()
  private lastNumber = 0

  ask(asker: Asker, method: string, [argument, wasTold]: readonly unknown[]): void {
    if (method === 'enter') {
      this.lastNumber += 1
      this.sleepers.set(this.lastNumber, { node: asker.node, asker: undefined, notified: false })
      asker.answer(this.lastNumber)
    } else if (method === 'wait') {
      const sleeper = this.sleepers.get(argument as number)
      if (sleeper === undefined || sleeper.notified) asker.answer(true)
      else sleeper.asker = asker
    } else if (method === 'exit') {
      this.end(argument as number, wasTold === true)
      asker.answer()
    } else {
      asker.answer(this.notify(argument as number | null))
    }
  }

  private notify(count: number | null): number {
    let told = 0
    for (const sleeper of this.sleepers.values()) {
      if (told === count) break
      if (sleeper.notified) continue
      sleeper.notified = true
      sleeper.asker?.answer(true)
      told += 1
    }
    return told
  }

  /** One that does not know that it was notified, as it was killed or its time was over, passes that on. */
  private end(number: number, wasTold: boolean): void {
    const sleeper = this.sleepers.get(number)
    this.sleepers.delete(number)
    if (sleeper?.notified && !wasTold) this.notify(1)
  }

  leave(asker: Asker): void {
    for (const sleeper of this.sleepers.values()) if (sleeper.asker === asker) sleeper.asker = undefined
  }

  undo(_node: string, method: string, value: unknown): void {
    if (method === 'enter') this.end(value as number, false)
  }

  forget(isLost: (node: string) => boolean): void {
    for (const [number, { node }] of this.sleepers) if (isLost(node)) this.end(number, false)
  }
}

/**
 * Lets processes wait, with a lock given up meanwhile, until another says that something has changed (Python:
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

  /** @param lock what is held around the state; default a new `RLock` */
  constructor(lock?: Lock | RLock)
  /** @internal */
  constructor(lock: Lock | RLock | undefined, place: Place)
  constructor(lock: Lock | RLock = new RLock(), place: Place = Place.here(new SleeperKeeper())) {
    super(place)
    if (!(lock instanceof Lock || lock instanceof RLock))
      throw new TypeError(`Expected \`lock\` to be a Lock or RLock between processes, got ${show(lock)}`)
    this.lock = lock
  }

  protected get kind(): string {
    return 'Condition'
  }

  override toReference(destination: string | undefined): SharedReference {
    return ['Condition', this.place.node, this.place.sentTo(destination), this.lock.toReference(destination)]
  }

  /** Takes the lock; see the lock's own `acquire`. */
  acquire(options?: SharedAcquireOptions): Operation<boolean> {
    return this.lock.acquire(options)
  }

  /** Gives the lock back. */
  release(): Operation<number> {
    return this.lock.release()
  }

  /** Takes the lock for a block: `using held = yield* condition.hold()`. Throws {TimeoutError} when the time is over. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Condition, TimeLimit], Held>(holdPermit, [this, timeoutOf(options)])
  }

  /**
   * Gives the lock up, waits to be notified, and takes the lock again, also when killed or timed out.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns `true`; `false` when the time is over
   * @throws {Error} if the lock is not held
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    const timeout = timeoutOf(options)
    return new Call<[Condition, TimeLimit], boolean>(Condition.waitHeld, [this, timeout])
  }

  /**
   * Waits until a condition holds, looking at it with the lock held, at first and after each notification.
   *
   * @param predicate what must hold; a plain function or a coroutine function
   * @param options `timeout`: milliseconds for the whole, default without end
   * @returns what `predicate` gave last
   * @throws {Error} if it has to wait and the lock is not held; {TypeError} at once, if `predicate` is no function
   */
  waitFor<T>(
    predicate: () => T,
    options: { timeout?: TimeLimit } = {},
  ): Operation<T extends Generator<Suspension, infer R, unknown> ? R : T> {
    checkCallable(predicate, 'predicate')
    return new Call(Condition.waitUntil, [this, predicate, timeoutOf(options)] as never) as never
  }

  /**
   * Wakes waiters, the longest waiting first, at once; they go on once the lock is free.
   *
   * @param count how many at most. Default 1
   * @throws {Error} if the lock is an `RLock` that the caller does not hold; of a `Lock` nobody can tell
   */
  notify(count = 1): Operation<number> {
    checkWhole(count, 'count', 0)
    this.checkHeld('notify')
    return this.act<number>('notify', [count])
  }

  /** Wakes all waiters. Throws as `notify` does. */
  notifyAll(): Operation<number> {
    this.checkHeld('notify')
    return this.act<number>('notify', [null])
  }

  private checkHeld(verb: string): void {
    if (this.lock instanceof RLock && !this.lock.isOwned())
      throw new Error(`Expected the lock to be held: cannot ${verb} on un-acquired lock`)
  }

  /** Waits no longer. Nobody answers, so that it is no further error if the process that owns it is gone. */
  private exit(number: number, wasTold: boolean): void {
    if (this.place.owned === null) tree.requests.tell(this.place, 'exit', [number, wasTold], undefined)
    else this.act('exit', [number, wasTold])
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
    let wasTold = false
    try {
      wasTold = yield* condition.ask<boolean>('wait', [number], { timeout, onExpiry: () => false })
      return wasTold
    } finally {
      condition.exit(number, wasTold)
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

shareClass('Condition', Condition, ([, node, object, lock]) => {
  return new Condition(reviveShared(lock as SharedReference) as unknown as Lock | RLock, Place.at(node, object))
})
