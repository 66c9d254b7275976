import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkTimeout, checkWhole, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { WaitableObject } from '../shared/waitable-object.ts'
import { flag, NONE } from '../tree/arguments.ts'
import { Place } from '../tree/place.ts'
import { PermitKeeper } from './permit-keeper.ts'

/** How to acquire. */
export interface SharedAcquireOptions {
  /** Whether to wait. Default true. */
  block?: boolean
  /** Same as `block`, as the locks of threads call it. */
  blocking?: boolean
  /** How long to wait, in milliseconds. Default without end; 0 and less only try. */
  timeout?: TimeLimit
}

/** Something that is held until it is disposed of: `using held = yield* lock.hold()`. */
export interface Held extends Disposable {
  /** Gives it back, once. */
  dispose(): void
}

/** What locks and semaphores between processes have in common. */
export abstract class Permits extends WaitableObject {
  /**
   * Acquires, waiting if need be. A kill or a timeout takes nothing.
   *
   * @param options see `SharedAcquireOptions`
   * @returns whether it was acquired: `false` without waiting, or when the time is over
   * @throws {ProcessDiedError} if the process that made it is gone
   */
  acquire(options: SharedAcquireOptions = {}): Operation<boolean> {
    const { block: may = true, blocking = true, timeout: limit } = checkOptions(options)
    const timeout = checkTimeout(limit)
    const block = may && blocking && !(typeof timeout === 'number' && timeout <= 0)
    return this.ask<boolean>('acquire', flag(block), block ? { timeout, onExpiry: () => false } : {})
  }

  /**
   * Releases, at once; the operation that is returned only waits until the owner knows.
   *
   * @throws {RangeError} if that is once too often
   */
  release(): Operation<number> {
    return this.act<number>('release', NONE)
  }

  /** Whether nothing is left to acquire. */
  locked(): Operation<boolean> {
    return this.ask<boolean>('value', NONE, { finish: (permits) => permits === 0 })
  }

  /**
   * Acquires for a block: `using held = yield* lock.hold()` releases at the block's end.
   *
   * @throws {TimeoutError} when the time is over
   */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Permits, TimeLimit], Held>(holdPermit, [this, timeoutOf(options)])
  }
}

/** Acquires, and wraps the release. */
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
 * A counter of permits between processes (Python: multiprocessing.Semaphore). The permits that a process holds when it dies come
 * back, unless it is used as a signal: released by a process that holds none.
 *
 * @example
 * const atMostTwo = new Semaphore(2)
 * new Process({ target, args: [atMostTwo] }).start() // there: using held = yield* atMostTwo.hold()
 */
export class Semaphore extends Permits {
  /** @param value how many permits there are, a whole number from 0 up. Default 1 */
  constructor(value?: number)
  /** @internal */
  constructor(value?: number | Place, most?: number)
  constructor(value: number | Place = 1, most = Infinity) {
    super(
      value instanceof Place ? value : Place.here(new PermitKeeper('semaphore', checkWhole(value, 'value', 0), most)),
    )
  }

  protected get kind(): string {
    return 'Semaphore'
  }

  /** How many permits are left. */
  getValue(): Operation<number> {
    return this.ask<number>('value', NONE)
  }
}

/**
 * A semaphore that cannot be given back more permits than it began with (Python: multiprocessing.BoundedSemaphore).
 *
 * @example
 * const connections = new BoundedSemaphore(5)
 */
export class BoundedSemaphore extends Semaphore {
  /** @param value how many permits there are, a whole number from 0 up. Default 1 */
  constructor(value?: number)
  /** @internal */
  constructor(value?: number | Place)
  constructor(value: number | Place = 1) {
    super(value, value instanceof Place ? undefined : value)
  }

  protected override get kind(): string {
    return 'BoundedSemaphore'
  }
}

/**
 * A lock between processes (Python: multiprocessing.Lock). Any process may release it. One that a process holds when it dies is
 * released, and that is reported by the hub.
 *
 * @example
 * const lock = new Lock()
 * using held = yield* lock.hold()
 */
export class Lock extends Permits {
  constructor()
  /** @internal */
  constructor(place?: Place)
  constructor(place: Place = Place.here(new PermitKeeper('lock', 1, 1))) {
    super(place)
  }

  protected get kind(): string {
    return 'Lock'
  }
}

shareClass('Semaphore', Semaphore, ([, node, object]) => new Semaphore(Place.at(node, object)))
shareClass('BoundedSemaphore', BoundedSemaphore, ([, node, object]) => new BoundedSemaphore(Place.at(node, object)))
shareClass('Lock', Lock, ([, node, object]) => new Lock(Place.at(node, object)))
