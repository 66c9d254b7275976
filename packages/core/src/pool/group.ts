import { checkCallable, checkIterable, checkOptions, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import type { Operation } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { captureSpawnSite } from '../greenlet/spawn-site.ts'
import type { GreenletClass } from './group-apply.ts'
import { GroupMapping } from './group-mapping.ts'
import { checkMember } from './group-members.ts'

/**
 * A set of greenlets that can be waited for and killed together (gevent: Group).
 *
 * @example
 * const group = new Group()
 * for (const url of urls) group.spawn(fetchPage, url)
 * yield* group.join()
 */
export class Group extends GroupMapping {
  /**
   * @param greenlets the initial members
   * @param options `greenletClass`: the class of the greenlets that `spawn` creates, default `Greenlet`
   * @throws {TypeError} if one of `greenlets` is not a greenlet, or `greenletClass` not a class
   */
  constructor(
    greenlets: Iterable<Greenlet<unknown>> = [],
    options: { greenletClass?: GreenletClass | undefined } = {},
  ) {
    super(checkOptions(options).greenletClass)
    for (const greenlet of checkIterable(greenlets, 'greenlets')) this.add(greenlet)
  }

  /**
   * Adds a greenlet immediately, started or not; does nothing if it is a member already. The operation never waits; `add` returns one
   * because that of a pool may have to.
   */
  add(greenlet: Greenlet<unknown>): Operation<undefined> {
    this.enter(checkMember(greenlet))
    return new Done()
  }

  /** Adds a greenlet like `add`, and starts it. */
  start(greenlet: Greenlet<unknown>): Operation<undefined> {
    const added = this.add(greenlet)
    greenlet.start()
    return added
  }

  /**
   * Starts a function in a new greenlet, like the global `spawn`, and adds the greenlet to the group.
   *
   * @param fn a coroutine function; a plain or async one works too
   * @param args its arguments
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
    checkCallable(fn, 'fn')
    return this.begin<Outcome<R>>(fn, args, captureSpawnSite(this.spawn))
  }

  /** Does not wait: a group always has room. */
  override waitAvailable(_options?: { timeout?: TimeLimit }): Operation<undefined> {
    return new Done()
  }
}
