import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeout, checkWhole, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { flag, NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { SemaphoreState } from './semaphore-state.ts'

/** The options of `acquire`. */
export interface SharedAcquireOptions {
  /** Whether to wait. Default true. */
  block?: boolean | undefined
  /** An alias of `block`, the name that Python's thread locks use. */
  blocking?: boolean | undefined
  /** How long to wait, in milliseconds. Default: no limit; zero or a negative number tries without waiting. */
  timeout?: TimeLimit
}

/** A held lock or permit, released when it is disposed: `using held = yield* lock.hold()`. */
export interface Held extends Disposable {
  /** Releases it; later calls do nothing. */
  dispose(): void
}

/** The base class of locks and semaphores between processes. */
export abstract class Permits extends WaitableObject {
  /**
   * Acquires a permit, waiting if necessary. A greenlet that is killed or times out does not acquire it.
   *
   * @param options see `SharedAcquireOptions`
   * @returns whether it was acquired; `false` only if `block` is false or the timeout expires
   * @throws {ProcessDiedError} if the process that created it is gone
   */
  acquire(options: SharedAcquireOptions = {}): Operation<boolean> {
    const { block: may = true, blocking = true, timeout: limit } = checkOptions(options)
    const timeout = checkTimeout(limit)
    const block = may && blocking && !(typeof timeout === 'number' && timeout <= 0)
    return this.ask<boolean>('acquire', flag(block), block ? { timeout, onExpiry: () => false } : {})
  }

  /**
   * Releases a permit immediately; the returned operation only waits for the owner's confirmation.
   *
   * @throws {RangeError} if it is released too many times
   */
  release(): Operation<number> {
    return this.callNow<number>('release', NONE)
  }

  /** Whether no permit is available. */
  locked(): Operation<boolean> {
    return this.ask<boolean>('value', NONE, { finish: (permits) => permits === 0 })
  }

  /**
   * Acquires a permit for a block: `using held = yield* lock.hold()` releases it at the end of the block.
   *
   * @throws {TimeoutError} when the timeout expires
   */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Permits, TimeLimit], Held>(holdPermit, [this, timeoutOf(options)])
  }
}

/** Acquires a lock and returns a disposable that releases it. */
export function* holdPermit(
  lock: { acquire(options: SharedAcquireOptions): Operation<boolean>; release(): unknown },
  timeout: TimeLimit,
): Generator<Suspension, Held, unknown> {
  if (!(yield* lock.acquire({ timeout })))
    throw typeof timeout === 'object' ? timeout.raised : new TimeoutError('It could not be acquired in time')
  let held = true
  const dispose = () => {
    if (held) lock.release()
    held = false
  }
  return { dispose, [Symbol.dispose]: dispose }
}

/**
 * A semaphore between processes (Python: multiprocessing.Semaphore). The permits that a process holds when it dies are released,
 * unless the semaphore is used as a signal, that is, was released by a process that held none.
 *
 * @example
 * const atMostTwo = new Semaphore(2)
 * new Process({ target, args: [atMostTwo] }).start() // there: using held = yield* atMostTwo.hold()
 */
export class Semaphore extends Permits {
  /** @param value the initial number of permits, an integer >= 0. Default 1 */
  constructor(value?: number)
  /** @internal */
  constructor(value?: number | ObjectRef, most?: number)
  constructor(value: number | ObjectRef = 1, most = Infinity) {
    super(
      value instanceof ObjectRef
        ? value
        : ObjectRef.local(new SemaphoreState('semaphore', checkWhole(value, 'value', 0), most)),
    )
  }

  protected get kind(): string {
    return 'Semaphore'
  }

  /** The number of permits available. */
  getValue(): Operation<number> {
    return this.ask<number>('value', NONE)
  }
}

/**
 * A semaphore whose permits cannot exceed their initial number (Python: multiprocessing.BoundedSemaphore).
 *
 * @example
 * const connections = new BoundedSemaphore(5)
 */
export class BoundedSemaphore extends Semaphore {
  /** @param value the initial number of permits, an integer >= 0. Default 1 */
  constructor(value?: number)
  /** @internal */
  constructor(value?: number | ObjectRef)
  constructor(value: number | ObjectRef = 1) {
    super(value, value instanceof ObjectRef ? undefined : value)
  }

  protected override get kind(): string {
    return 'BoundedSemaphore'
  }
}

/**
 * A lock between processes (Python: multiprocessing.Lock). Any process may release it. If the process that holds it dies, the lock
 * is released and an error is reported to the hub of the process that created it.
 *
 * @example
 * const lock = new Lock()
 * using held = yield* lock.hold()
 */
export class Lock extends Permits {
  constructor()
  /** @internal */
  constructor(ref?: ObjectRef)
  constructor(ref: ObjectRef = ObjectRef.local(new SemaphoreState('lock', 1, 1))) {
    super(ref)
  }

  protected get kind(): string {
    return 'Lock'
  }
}

shareClass('Semaphore', Semaphore, ([, node, key]) => new Semaphore(ObjectRef.at(node, key)))
shareClass('BoundedSemaphore', BoundedSemaphore, ([, node, key]) => new BoundedSemaphore(ObjectRef.at(node, key)))
shareClass('Lock', Lock, ([, node, key]) => new Lock(ObjectRef.at(node, key)))
