import { Call } from '../engine/call.ts'
import { checkCallable, checkOptions, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import type { GreenletFunction } from '../greenlet/raw-greenlet.ts'
import { captureSpawnSite, type SpawnSite } from '../greenlet/spawn-site.ts'
import { Semaphore } from '../sync/semaphore.ts'
import type { GreenletClass } from './applying.ts'
import { Group } from './group.ts'
import type { Mapping } from './mapping.ts'
import { checkMember } from './membership.ts'
import { PoolFull } from './pool-full.ts'

/** How to wait for room in a pool. */
export interface PoolOptions {
  /** Whether to wait. Default true. */
  blocking?: boolean
  /** How long to wait, in milliseconds. Default without end; not used if `blocking` is false. */
  timeout?: TimeLimit
}

/** Its name stands in reports of who waits on what. */
class PoolPlaces extends Semaphore {}

/** A pool is a group, as in gevent; for types it is not, since its `spawn` waits for room and so gives an operation. */
const BoundedGroup = Group as unknown as abstract new (
  greenlets: undefined,
  options: { greenletClass?: GreenletClass },
) => Mapping

/**
 * A group with room for so many greenlets at once (gevent: Pool). One place is given back when a member has finished.
 *
 * @example
 * const pool = new Pool(10)
 * for (const url of urls) yield* pool.spawn(fetchPage, url) // at most ten at once
 * yield* pool.join()
 */
export class Pool extends BoundedGroup {
  /** How many greenlets there is room for; `undefined` is without bound. */
  readonly maxsize: number | undefined
  private readonly places: Semaphore

  /**
   * @param size how many greenlets there is room for, a whole number; 0: none ever. Default without bound
   * @param options `greenletClass`: what `spawn` makes, default `Greenlet`
   * @throws {RangeError} if `size` is negative
   */
  constructor(size?: number, options: { greenletClass?: GreenletClass } = {}) {
    super(undefined, options)
    this.maxsize = checkSize(size)
    this.places = new PoolPlaces(this.maxsize ?? 0)
    if (this.maxsize === undefined) this.places.counter = Infinity
  }

  /** How many greenlets there is room for now; 1 if there is no bound. */
  freeCount(): number {
    return this.maxsize === undefined ? 1 : this.maxsize - this.size
  }

  override full(): boolean {
    return this.freeCount() <= 0
  }

  /**
   * Waits until there is room, and takes none.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns how many greenlets there is room for; 0 when the time is over
   */
  override waitAvailable(options?: { timeout?: TimeLimit }): Operation<number> {
    return this.places.wait(options)
  }

  /**
   * Takes a greenlet in, waiting for room; nothing happens if it is in. A kill or timeout takes no place.
   *
   * @throws {PoolFull} without room, in time
   */
  add(greenlet: Greenlet<unknown>, options: PoolOptions = {}): Operation<undefined> {
    const limit = limitOf(options)
    checkMember(greenlet)
    return new Call<[], undefined>(() => this.admit(greenlet, limit, false), [])
  }

  /** As `add`, and starts the greenlet. */
  start(greenlet: Greenlet<unknown>, options: PoolOptions = {}): Operation<undefined> {
    const limit = limitOf(options)
    checkMember(greenlet)
    return new Call<[], undefined>(() => this.admit(greenlet, limit, true), [])
  }

  /**
   * Starts a greenlet that runs a function, waiting for room first. A member that spawns into its own full pool may wait for
   * ever: `apply` runs the function in place instead. Killed while it waits, it starts nothing.
   *
   * @param fn a coroutine function; a plain or async one works too
   * @param args its arguments
   * @returns the greenlet; awaited in plain code, what it gives: a greenlet is a promise there
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Operation<Greenlet<Outcome<R>>> {
    checkCallable(fn, 'fn')
    const site = captureSpawnSite(this.spawn)
    return new Call<[], Greenlet<Outcome<R>>>(() => this.launched(fn, args, site), [])
  }

  /** @internal */
  override enter(greenlet: Greenlet<unknown>): boolean {
    if (!super.enter(greenlet)) return false
    this.places.counter -= 1
    return true
  }

  /** @internal */
  override leave(greenlet: Greenlet<unknown>): boolean {
    if (!super.leave(greenlet)) return false
    this.places.release()
    return true
  }

  private *launched<T>(
    fn: GreenletFunction,
    args: readonly unknown[],
    site: SpawnSite | null,
  ): Generator<Suspension, Greenlet<T>, unknown> {
    yield* this.waitAvailable()
    return this.begin<T>(fn, args, site)
  }

  private *admit(
    greenlet: Greenlet<unknown>,
    timeout: TimeLimit,
    starts: boolean,
  ): Generator<Suspension, undefined, unknown> {
    if (!this.has(greenlet) && !(yield* this.waitAvailable({ timeout }))) throw new PoolFull()
    this.enter(greenlet)
    if (starts) greenlet.start()
    return undefined
  }
}

function limitOf(options: PoolOptions): TimeLimit {
  return checkOptions(options).blocking === false ? 0 : timeoutOf(options)
}

function checkSize(size: unknown): number | undefined {
  if (size === undefined || size === null || size === Infinity) return undefined
  return checkWhole(size, 'size', 0)
}
