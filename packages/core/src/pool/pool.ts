import { Call } from '../engine/call.ts'
import { checkBound, checkCallable, checkOptions, type TimeLimit, timeoutOf } from '../engine/check.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import type { GreenletFunction } from '../greenlet/raw-greenlet.ts'
import { captureSpawnSite, type SpawnSite } from '../greenlet/spawn-site.ts'
import { Semaphore } from '../sync/semaphore.ts'
import { Group } from './group.ts'
import type { GreenletClass } from './group-apply.ts'
import type { GroupMapping } from './group-mapping.ts'
import { checkMember } from './group-members.ts'
import { PoolFull } from './pool-full.ts'

/** Options for waiting for room in a pool. */
export interface PoolOptions {
  /** Whether to wait. Default true. */
  blocking?: boolean | undefined
  /** How long to wait, in milliseconds. Default: no limit. Ignored if `blocking` is false. */
  timeout?: TimeLimit
}

/** A permit for each free place. The class name appears in reports of what greenlets wait on. */
class PoolPlaces extends Semaphore {}

/** `Group`, typed without its `spawn`. A pool is a group, as in gevent, but its `spawn` waits for room and so returns an operation. */
const BoundedGroup = Group as unknown as abstract new (
  greenlets: undefined,
  options: { greenletClass?: GreenletClass | undefined },
) => GroupMapping

/**
 * A group with room for a limited number of greenlets (gevent: Pool). When a greenlet finishes, its place becomes free.
 *
 * @example
 * const pool = new Pool(10)
 * for (const url of urls) yield* pool.spawn(fetchPage, url) // at most ten at once
 * yield* pool.join()
 */
export class Pool extends BoundedGroup {
  /** The maximum number of greenlets; `undefined` means unbounded. */
  readonly maxsize: number | undefined
  private readonly places: Semaphore

  /**
   * @param size the maximum number of greenlets, a non-negative integer; with 0 there is never any room. Default: unbounded
   * @param options `greenletClass`: the class of the greenlets that `spawn` creates, default `Greenlet`
   * @throws {RangeError} if `size` is negative; {TypeError} if it is not a number, or `greenletClass` not a class
   */
  constructor(size?: number, options: { greenletClass?: GreenletClass | undefined } = {}) {
    super(undefined, options)
    this.maxsize = checkBound(size, 'size')
    this.places = new PoolPlaces()
    this.places.counter = this.maxsize ?? Infinity
  }

  /** Returns the number of greenlets there is room for now; 1 if the pool is unbounded. */
  freeCount(): number {
    return this.maxsize === undefined ? 1 : this.maxsize - this.size
  }

  override full(): boolean {
    return this.freeCount() <= 0
  }

  /**
   * Waits until there is room, without taking it.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @returns the number of greenlets there is room for; 0 on timeout
   */
  override waitAvailable(options?: { timeout?: TimeLimit }): Operation<number> {
    return this.places.wait(options)
  }

  /**
   * Adds a greenlet, waiting for room if necessary; does nothing if it is a member already. A call that is killed or times out takes
   * no room.
   *
   * @throws {PoolFull} if there is no room in time
   */
  add(greenlet: Greenlet<unknown>, options: PoolOptions = {}): Operation<undefined> {
    const limit = limitOf(options)
    checkMember(greenlet)
    return new Call<[], undefined>(() => this.admit(greenlet, limit, false), [])
  }

  /** Adds a greenlet like `add`, and starts it. */
  start(greenlet: Greenlet<unknown>, options: PoolOptions = {}): Operation<undefined> {
    const limit = limitOf(options)
    checkMember(greenlet)
    return new Call<[], undefined>(() => this.admit(greenlet, limit, true), [])
  }

  /**
   * Starts a function in a new greenlet, waiting for room first. A member that spawns into its own full pool may wait forever; `apply`
   * runs the function in place instead. If the call is killed while it waits, nothing is started.
   *
   * @param fn a coroutine function; a plain or async one works too
   * @param args its arguments
   * @returns the greenlet. In plain code, `await` returns its result instead, since a greenlet is thenable
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Operation<Greenlet<Outcome<R>>> {
    checkCallable(fn, 'fn')
    const site = captureSpawnSite(this.spawn)
    return new Call<[], Greenlet<Outcome<R>>>(() => this.doSpawn(fn, args, site), [])
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

  private *doSpawn<T>(
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
