import { type BarrierOptions, BrokenBarrierError, type Coroutine, type Operation, spawn } from '@greenlit/core'
import { checkCallable, checkTimeout, checkWhole, drive, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { NONE } from '../tree/arguments.ts'
import type { Asker, Owned } from '../tree/owned.ts'
import { Place } from '../tree/place.ts'

/** What is asked of a barrier while its action runs. */
interface Held {
  readonly asker: Asker
  method: string
}

/** What is behind a barrier. Nobody arrives, breaks or resets it while the action runs: that comes after, as in Python. */
export class Gate implements Owned {
  private readonly parties: number
  private readonly action: (() => unknown) | undefined
  private waiting: Asker[] = []
  private held: Held[] | undefined = undefined
  private broken = false

  constructor(parties: number, action: (() => unknown) | undefined) {
    this.parties = parties
    this.action = action
  }

  ask(asker: Asker, method: string): void {
    if (method === 'broken' || method === 'nWaiting') {
      asker.answer(method === 'broken' ? this.broken : this.countWaiting())
      return
    }
    this.change({ asker, method })
    // At once, as it may be the action that waits for this.
    if (method !== 'wait') asker.answer()
  }

  private countWaiting(): number {
    return this.held?.filter(({ method }) => method === 'wait').length ?? this.waiting.length
  }

  private change(change: Held): void {
    if (this.held !== undefined) this.held.push(change)
    else if (change.method === 'wait') this.arrive(change.asker)
    else this.breakUp(change.method === 'abort')
  }

  private arrive(asker: Asker): void {
    if (this.broken) {
      asker.fail(new BrokenBarrierError('The barrier is broken'))
      return
    }
    this.waiting.push(asker)
    if (this.waiting.length < this.parties) return
    const all = this.waiting
    this.waiting = []
    const { action } = this
    if (action === undefined) {
      letThrough(all)
    } else {
      this.held = []
      spawn(() => this.act(action, all))
    }
  }

  private *act(action: () => unknown, all: Asker[]): Coroutine<void> {
    try {
      yield* drive(action())
      letThrough(all)
    } catch (error) {
      all.pop()!.fail(error)
      this.waiting = all
      this.breakUp(true)
    }
    const held = this.held!
    this.held = undefined
    for (const change of held) this.change(change)
  }

  private breakUp(broken: boolean): void {
    this.broken = broken
    const { waiting } = this
    this.waiting = []
    for (const asker of waiting) asker.fail(new BrokenBarrierError('The barrier was broken'))
  }

  /** Whoever leaves, or dies, breaks the barrier: the others would wait for ever. */
  leave(asker: Asker): void {
    const change = this.held?.find((held) => held.asker === asker)
    if (change !== undefined) change.method = 'abort'
    const index = this.waiting.indexOf(asker)
    if (index < 0) return
    this.waiting.splice(index, 1)
    this.breakUp(true)
  }

  undo(): void {}

  forget(): void {}
}

function letThrough(all: readonly Asker[]): void {
  for (const [index, asker] of all.entries()) asker.answer(index)
}

/**
 * Lets a fixed number of processes wait for each other (Python: multiprocessing.Barrier). It may be passed any number of times; one
 * of them that dies while it waits breaks it.
 *
 * @example
 * const start = new Barrier(3)
 * for (let i = 0; i < 3; i += 1) new Process({ target, args: [start] }).start() // there: yield* start.wait()
 */
export class Barrier extends SharedObject {
  /** How many it takes to pass. */
  readonly parties: number
  private readonly timeout: TimeLimit

  /**
   * @param parties how many it takes to pass, a whole number from 1 up
   * @param options `action`: called in this process when all have arrived, before any is let through, and may block; if it throws, the
   *   last to arrive gets the error and the barrier is broken. `timeout`: how long each may wait, in milliseconds, unless `wait` says
   *   otherwise. The two may also be given one after the other, as in Python
   * @throws {RangeError} if `parties` is below 1; {TypeError} if it is no number, or `action` no function
   */
  constructor(parties: number, options?: BarrierOptions | (() => unknown), timeout?: TimeLimit)
  /** @internal */
  constructor(parties: number, options: undefined, timeout: TimeLimit, place: Place)
  constructor(parties: number, options?: BarrierOptions | (() => unknown), timeout?: TimeLimit, place?: Place) {
    checkWhole(parties, 'parties', 1)
    const { action, timeout: limit = timeout } =
      typeof options === 'object' && options !== null ? options : { action: options }
    if (action !== undefined && action !== null) checkCallable(action, 'action')
    super(place ?? Place.here(new Gate(parties, action ?? undefined)))
    this.parties = parties
    this.timeout = checkTimeout(limit)
  }

  protected get kind(): string {
    return 'Barrier'
  }

  protected override viewData(): readonly unknown[] {
    return [this.parties, this.timeout]
  }

  /**
   * Waits until all have arrived. A kill of one who waits breaks the barrier for all.
   *
   * @param options `timeout`: milliseconds; when over, the barrier is broken for all. Default the barrier's
   * @returns the order of arrival: a number from 0 to `parties` - 1, each given once
   * @throws {BrokenBarrierError} if it is broken, or reset meanwhile
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = timeoutOf(options) ?? this.timeout
    const onExpiry = () => {
      throw new BrokenBarrierError('The barrier is broken: not all arrived in time')
    }
    return this.ask<number>('wait', NONE, { timeout, onExpiry })
  }

  /**
   * Breaks the barrier, at once: those who wait, and whoever comes until `reset`, get `BrokenBarrierError`. While the action runs, that
   * comes right after it: those who have all arrived pass.
   */
  abort(): Operation<unknown> {
    return this.act('abort', NONE)
  }

  /** Makes the barrier as new, at once or right after an action that runs; those who wait get `BrokenBarrierError`. */
  reset(): Operation<unknown> {
    return this.act('reset', NONE)
  }

  /** How many wait at it now. */
  get nWaiting(): Operation<number> {
    return this.ask<number>('nWaiting', NONE)
  }

  /** Whether it is broken. */
  get broken(): Operation<boolean> {
    return this.ask<boolean>('broken', NONE)
  }
}

shareClass('Barrier', Barrier, ([, node, object, parties, timeout]) => {
  return new Barrier(parties as number, undefined, (timeout as number | null) ?? undefined, Place.at(node, object))
})
