import { checkCallable, checkIterable, checkOptions, type TimeLimit } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import type { Operation } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import { captureSpawnSite } from '../greenlet/spawn-site.ts'
import type { GreenletClass } from './applying.ts'
import { Mapping } from './mapping.ts'
import { checkMember } from './membership.ts'

/**
 * Any number of greenlets that are waited for and killed together (gevent: Group).
 *
 * @example
 * const group = new Group()
 * for (const url of urls) group.spawn(fetchPage, url)
 * yield* group.join()
 */
export class Group extends Mapping {
  /**
   * @param greenlets what is in it at first
   * @param options `greenletClass`: what `spawn` makes, default `Greenlet`
   * @throws {TypeError} if one of them is no greenlet
   */
  constructor(greenlets: Iterable<Greenlet<unknown>> = [], options: { greenletClass?: GreenletClass } = {}) {
    super(checkOptions(options).greenletClass)
    for (const greenlet of checkIterable(greenlets, 'greenlets')) this.add(greenlet)
  }

  /** Takes a greenlet in at once, started or not; nothing happens if it is in. The operation waits for nothing, as a pool's may. */
  add(greenlet: Greenlet<unknown>): Operation<undefined> {
    this.enter(checkMember(greenlet))
    return new Done()
  }

  /** As `add`, and starts the greenlet. */
  start(greenlet: Greenlet<unknown>): Operation<undefined> {
    const added = this.add(greenlet)
    greenlet.start()
    return added
  }

  /**
   * Starts a greenlet that runs a function, as the global `spawn` does, and takes it in.
   *
   * @param fn a coroutine function; a plain or async one works too
   * @param args its arguments
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Outcome<R>> {
    checkCallable(fn, 'fn')
    return this.begin<Outcome<R>>(fn, args, captureSpawnSite(this.spawn))
  }

  /** Does not wait: there is always room. */
  override waitAvailable(_options?: { timeout?: TimeLimit }): Operation<undefined> {
    return new Done()
  }
}
