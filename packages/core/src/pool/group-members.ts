import { Call } from '../engine/call.ts'
import { checkOptions, checkTimeout, type TimeLimit, wrongType } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { Greenlet } from '../greenlet/greenlet.ts'
import { type KillError, type KillOptions, killArguments } from '../greenlet/kill.ts'
import type { LinkTarget } from '../greenlet/links.ts'
import type { Timeout } from '../greenlet/timeout.ts'
import { withTimeout } from '../greenlet/with-timeout.ts'
import { Event } from '../sync/event.ts'

/** The arguments of `Greenlet.kill`. */
type KillArguments = [error: KillError | undefined, options: KillOptions]

class Vacant extends Event {
  override get waitName(): string {
    return 'Group.join'
  }
}

/** The members of a `Group` or `Pool`: greenlets that are waited for and killed together. A member leaves when it has finished. */
export abstract class GroupMembers implements LinkTarget, Iterable<Greenlet<unknown>> {
  /** @internal Greenlets that add members without being members themselves, like the one of a running map. A kill ends them too. */
  readonly feeders: Set<Greenlet<unknown>> = new Set()
  private readonly greenlets: Set<Greenlet<unknown>> = new Set()
  private readonly dying: WeakSet<Greenlet<unknown>> = new WeakSet()
  private readonly vacant: Event = new Vacant()
  private kills = 0
  private lastKill?: KillArguments

  constructor() {
    this.vacant.set()
  }

  /** The number of greenlets in the group. */
  get size(): number {
    return this.greenlets.size
  }

  /** The number of greenlets in the group. */
  get length(): number {
    return this.greenlets.size
  }

  /** Whether a greenlet is in the group. */
  has(greenlet: unknown): boolean {
    return this.greenlets.has(greenlet as Greenlet<unknown>)
  }

  /** Iterates over the greenlets in the order in which they were added. */
  [Symbol.iterator](): IterableIterator<Greenlet<unknown>> {
    return this.greenlets.values()
  }

  /** Whether there is no room for another greenlet. */
  full(): boolean {
    return false
  }

  /** @internal Adds a greenlet. There must be room. Returns `false` if it was a member already. */
  enter(greenlet: Greenlet<unknown>): boolean {
    if (this.has(greenlet)) return false
    this.greenlets.add(greenlet)
    this.vacant.clear()
    greenlet.addLink(this)
    if (this.kills > 0) this.killOnce(greenlet, this.lastKill)
    return true
  }

  /** @internal Removes a greenlet. Returns whether it was a member. */
  leave(greenlet: Greenlet<unknown>): boolean {
    if (!this.greenlets.delete(greenlet)) return false
    if (this.size === 0) this.vacant.set()
    return true
  }

  /** @internal Called when a greenlet has finished, after its earlier links were notified. */
  notify(source: unknown): void {
    this.leave(source as Greenlet<unknown>)
  }

  /** Removes a greenlet, which keeps running. Does nothing if it is not a member. */
  discard(greenlet: Greenlet<unknown>): void {
    if (this.leave(greenlet)) greenlet.removeLink(this)
  }

  /**
   * Waits until the group is empty.
   *
   * @param options `timeout`: milliseconds, default no limit; `raiseError`: whether to throw the error of a greenlet that failed,
   *   default false. Only those that are members when the wait starts count: a greenlet that failed earlier has left the group
   * @returns `true`; `false` on timeout
   */
  join(options: { timeout?: TimeLimit; raiseError?: boolean | undefined } = {}): Operation<boolean> {
    const wait = this.vacant.wait(options)
    return checkOptions(options).raiseError
      ? new Call<[GroupMembers, Operation<boolean>], boolean>(joinAndRaise, [this, wait])
      : wait
  }

  /**
   * Kills all greenlets in the group, each only once however often this is called, and ends the maps that run in it. The kill itself
   * is immediate; the operation waits until the group is empty, and kills greenlets that are added meanwhile. On timeout it just
   * ends.
   *
   * @param error an error or error class; default a `GreenletExit`, which is enforced as in `Greenlet.kill`
   * @param options as for `Greenlet.kill`
   * @throws {TypeError} immediately if `error` is not an error
   */
  kill(error?: KillError | KillOptions, options?: KillOptions): Operation<undefined> {
    const [thrown, { block = true, timeout, ...others }] = killArguments(error, options)
    const limit = checkTimeout(timeout)
    const kill: KillArguments = [thrown, { ...others, block: false }]
    this.lastKill = kill
    for (const feeder of this.feeders) this.killOnce(feeder, kill)
    for (const greenlet of this.greenlets) this.killOnce(greenlet, kill)
    if (!block) return new Done()
    return withTimeout(limit as Timeout | undefined, () => this.untilEmpty(), { timeoutValue: undefined })
  }

  /**
   * Kills one greenlet. The kill itself is immediate; the operation waits for the greenlet's end.
   *
   * @param greenlet a member. One that the group has killed before, or that is no member, is neither killed nor waited for
   * @param error as for `kill`
   * @param options as for `Greenlet.kill`
   */
  killone(greenlet: Greenlet<unknown>, error?: KillError | KillOptions, options?: KillOptions): Operation<undefined> {
    checkMember(greenlet)
    const [thrown, { block = true, timeout, ...others }] = killArguments(error, options)
    const limit = checkTimeout(timeout)
    if (!this.has(greenlet) || this.isDying(greenlet)) return new Done()
    this.killOnce(greenlet, [thrown, { ...others, block: false }])
    if (!block) return new Done()
    return new Call<[], undefined>(() => this.untilLeft(greenlet, limit), [])
  }

  /** @internal Whether a greenlet was killed through the group. */
  isDying(greenlet: Greenlet<unknown>): boolean {
    return this.dying.has(greenlet)
  }

  /** @internal Kills a greenlet, unless it was killed through the group before. */
  killOnce(greenlet: Greenlet<unknown>, kill: KillArguments = [undefined, { block: false }]): void {
    if (this.isDying(greenlet)) return
    this.dying.add(greenlet)
    greenlet.kill(...kill)
  }

  /** Waits for a greenlet's end and removes it: if it was killed before it ran, its links have not been notified yet. */
  private *untilLeft(greenlet: Greenlet<unknown>, timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
    yield* greenlet.join({ timeout })
    if (greenlet.ready()) this.discard(greenlet)
    return undefined
  }

  private *untilEmpty(): Generator<Suspension, undefined, unknown> {
    this.kills += 1
    try {
      while (this.size > 0) yield* this.vacant.wait()
    } finally {
      this.kills -= 1
    }
    return undefined
  }
}

function* joinAndRaise(members: GroupMembers, wait: Operation<boolean>): Generator<Suspension, boolean, unknown> {
  const greenlets = [...members]
  for (const greenlet of greenlets) greenlet._observe()
  const empty = yield* wait
  for (const greenlet of greenlets) if (greenlet.ready() && !greenlet.successful()) throw greenlet.exception
  return empty
}

/** Checks that a new member is a greenlet. */
export function checkMember<G>(greenlet: G): G {
  if (greenlet instanceof Greenlet) return greenlet
  throw wrongType('greenlet', 'a greenlet', greenlet)
}
