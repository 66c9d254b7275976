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

/** How a greenlet is killed, as `Greenlet.kill` takes it. */
type KillArguments = [error: KillError | undefined, options: KillOptions]

class Vacant extends Event {
  override get waitName(): string {
    return 'Group.join'
  }
}

/** Greenlets that are waited for and killed together: what `Group` and `Pool` share. One that has finished leaves by itself. */
export abstract class Membership implements LinkTarget, Iterable<Greenlet<unknown>> {
  /** @internal Greenlets that are no members and bring new ones in, as that of a running map: a kill ends them too. */
  readonly feeders: Set<Greenlet<unknown>> = new Set()
  private readonly greenlets: Set<Greenlet<unknown>> = new Set()
  private readonly dying: WeakSet<Greenlet<unknown>> = new WeakSet()
  private readonly vacant: Event = new Vacant()
  private kills = 0
  private lastKill?: KillArguments

  constructor() {
    this.vacant.set()
  }

  /** How many greenlets are in it. */
  get size(): number {
    return this.greenlets.size
  }

  /** How many greenlets are in it. */
  get length(): number {
    return this.greenlets.size
  }

  /** Whether a greenlet is in it. */
  has(greenlet: unknown): boolean {
    return this.greenlets.has(greenlet as Greenlet<unknown>)
  }

  /** The greenlets that are in it, in the order in which they came. */
  [Symbol.iterator](): IterableIterator<Greenlet<unknown>> {
    return this.greenlets.values()
  }

  /** Whether there is no room for another. */
  full(): boolean {
    return false
  }

  /** @internal Takes a greenlet in; there must be room. Answers whether it was not in before. */
  enter(greenlet: Greenlet<unknown>): boolean {
    if (this.greenlets.has(greenlet)) return false
    this.greenlets.add(greenlet)
    this.vacant.clear()
    greenlet.addLink(this)
    if (this.kills > 0) this.shoot(greenlet, this.lastKill)
    return true
  }

  /** @internal Lets a greenlet go; answers whether it was in. */
  leave(greenlet: Greenlet<unknown>): boolean {
    if (!this.greenlets.delete(greenlet)) return false
    if (this.greenlets.size === 0) this.vacant.set()
    return true
  }

  /** @internal A greenlet has finished. It was told to its earlier links before. */
  notify(source: unknown): void {
    this.leave(source as Greenlet<unknown>)
  }

  /** Lets a greenlet go, which runs on. Nothing happens if it is not in. */
  discard(greenlet: Greenlet<unknown>): void {
    if (this.leave(greenlet)) greenlet.removeLink(this)
  }

  /**
   * Waits until no greenlet is in it.
   *
   * @param options `timeout`: milliseconds, default without end; `raiseError`: whether to throw the error of one that failed,
   *   default false. Only those count that are in when the wait begins: one that failed earlier has left
   * @returns whether it was empty at some time
   */
  join(options: { timeout?: TimeLimit; raiseError?: boolean } = {}): Operation<boolean> {
    const wait = this.vacant.wait(options)
    return checkOptions(options).raiseError
      ? new Call<[Membership, Operation<boolean>], boolean>(joinAndRaise, [this, wait])
      : wait
  }

  /**
   * Kills all greenlets in it, each once however often this is called, and ends the maps that run on it. It acts at once; the
   * operation waits until none is left, and kills those that come meanwhile. When `timeout` is over, it just ends.
   *
   * @param error an error, or a class of errors; default `GreenletExit`, which is certain as in `Greenlet.kill`
   * @param options as for `Greenlet.kill`
   * @throws {TypeError} at once, if `error` is no error
   */
  kill(error?: KillError | KillOptions, options?: KillOptions): Operation<undefined> {
    const [thrown, { block = true, timeout, ...others }] = killArguments(error, options)
    const limit = checkTimeout(timeout)
    const kill: KillArguments = [thrown, { ...others, block: false }]
    this.lastKill = kill
    for (const feeder of this.feeders) this.shoot(feeder, kill)
    for (const greenlet of this.greenlets) this.shoot(greenlet, kill)
    if (!block) return new Done()
    return withTimeout(limit as Timeout | undefined, () => this.untilEmpty(), { timeoutValue: undefined })
  }

  /**
   * Kills one greenlet, unless it is dying already. It acts at once; the operation waits for its end.
   *
   * @param greenlet one that is in it; another is left alone, and waited for all the same
   * @param error as for `kill`
   * @param options as for `Greenlet.kill`
   */
  killone(greenlet: Greenlet<unknown>, error?: KillError | KillOptions, options?: KillOptions): Operation<undefined> {
    checkMember(greenlet)
    const [thrown, { block = true, timeout, ...others }] = killArguments(error, options)
    const limit = checkTimeout(timeout)
    if (this.has(greenlet)) this.shoot(greenlet, [thrown, { ...others, block: false }])
    if (!block) return new Done()
    return new Call<[], undefined>(() => this.untilLeft(greenlet, limit), [])
  }

  /** @internal Whether a greenlet was killed with this, or about to be. */
  isDying(greenlet: Greenlet<unknown>): boolean {
    return this.dying.has(greenlet)
  }

  /** @internal Kills a greenlet that is not dying yet. */
  shoot(greenlet: Greenlet<unknown>, kill: KillArguments = [undefined, { block: false }]): void {
    if (this.isDying(greenlet)) return
    this.dying.add(greenlet)
    greenlet.kill(...kill)
  }

  /** One that was killed before it ran has told nobody yet. */
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

function* joinAndRaise(members: Membership, wait: Operation<boolean>): Generator<Suspension, boolean, unknown> {
  const greenlets = [...members]
  for (const greenlet of greenlets) greenlet.observe()
  const empty = yield* wait
  for (const greenlet of greenlets) if (greenlet.ready() && !greenlet.successful()) throw greenlet.exception
  return empty
}

/** Checks something that is to be a member. */
export function checkMember<G>(greenlet: G): G {
  if (greenlet instanceof Greenlet) return greenlet
  throw wrongType('greenlet', 'a greenlet', greenlet)
}
