import { type BarrierOptions, BrokenBarrierError, type Coroutine, type Operation, spawn } from '@greenlit/core'
import { checkCallable, checkTimeout, checkWhole, drive, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import type { Asker, OwnedObject } from '../tree/owned-object.ts'

/** A call that is postponed while the barrier's action runs. */
interface PostponedCall {
  readonly asker: Asker
  method: string
}

/**
 * The state of a barrier in the process that owns it. While the action runs, `wait`, `abort` and `reset` are postponed until it has
 * finished, as in Python.
 */
export class BarrierState implements OwnedObject {
  private readonly parties: number
  private readonly action: (() => unknown) | undefined
  private waiting: Asker[] = []
  private postponed: PostponedCall[] | undefined = undefined
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
    this.perform({ asker, method })
    // `abort` and `reset` are answered immediately, since it may be the action that called them.
    if (method !== 'wait') asker.answer()
  }

  private countWaiting(): number {
    return this.postponed?.filter(({ method }) => method === 'wait').length ?? this.waiting.length
  }

  private perform(call: PostponedCall): void {
    if (this.postponed !== undefined) this.postponed.push(call)
    else if (call.method === 'wait') this.arrive(call.asker)
    else this.failWaiters(call.method === 'abort')
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
      release(all)
    } else {
      this.postponed = []
      spawn(() => this.runAction(action, all))
    }
  }

  private *runAction(action: () => unknown, all: Asker[]): Coroutine<void> {
    try {
      yield* drive(action())
      release(all)
    } catch (error) {
      all.pop()!.fail(error)
      this.waiting = all
      this.failWaiters(true)
    }
    const postponed = this.postponed!
    this.postponed = undefined
    for (const call of postponed) this.perform(call)
  }

  private failWaiters(broken: boolean): void {
    this.broken = broken
    const { waiting } = this
    this.waiting = []
    for (const asker of waiting) asker.fail(new BrokenBarrierError('The barrier was broken'))
  }

  /** A waiter that gives up or dies breaks the barrier: the others would wait forever. */
  leave(asker: Asker): void {
    const call = this.postponed?.find((postponed) => postponed.asker === asker)
    if (call !== undefined) call.method = 'abort'
    const index = this.waiting.indexOf(asker)
    if (index < 0) return
    this.waiting.splice(index, 1)
    this.failWaiters(true)
  }

  undo(): void {}

  forget(): void {}
}

function release(all: readonly Asker[]): void {
  for (const [index, asker] of all.entries()) asker.answer(index)
}

/**
 * A barrier at which a fixed number of processes wait for each other (Python: multiprocessing.Barrier). It can be reused any number
 * of times. A process that dies while waiting breaks it.
 *
 * @example
 * const start = new Barrier(3)
 * for (let i = 0; i < 3; i += 1) new Process({ target, args: [start] }).start() // there: yield* start.wait()
 */
export class Barrier extends SharedObject {
  /** The number of parties that must arrive for the barrier to open. */
  readonly parties: number
  private readonly timeout: TimeLimit

  /**
   * @param parties the number of parties that must arrive, an integer >= 1
   * @param options `action`: called in this process when all parties have arrived, before any is released; it may block, and if it
   *   throws, the last to arrive gets the error and the barrier is broken. `timeout`: the default timeout of `wait`, in
   *   milliseconds. `action` and `timeout` can also be passed as positional arguments, as in Python
   * @throws {RangeError} if `parties` is less than 1; {TypeError} if `parties` is not a number or `action` is not a function
   */
  constructor(parties: number, options?: BarrierOptions | (() => unknown), timeout?: TimeLimit)
  /** @internal */
  constructor(parties: number, options: undefined, timeout: TimeLimit, ref: ObjectRef)
  constructor(parties: number, options?: BarrierOptions | (() => unknown), timeout?: TimeLimit, ref?: ObjectRef) {
    checkWhole(parties, 'parties', 1)
    const { action, timeout: limit = timeout } =
      typeof options === 'object' && options !== null ? options : { action: options }
    if (action !== undefined && action !== null) checkCallable(action, 'action')
    super(ref ?? ObjectRef.local(new BarrierState(parties, action ?? undefined)))
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
   * Waits until all parties have arrived. Killing a waiter breaks the barrier for all.
   *
   * @param options `timeout`: milliseconds, by default the barrier's own; when it expires, the barrier is broken for all
   * @returns the order of arrival: a number from 0 to `parties` - 1, different for each party
   * @throws {BrokenBarrierError} if the barrier is broken, or is reset while waiting
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = timeoutOf(options) ?? this.timeout
    const onExpiry = () => {
      throw new BrokenBarrierError('The barrier is broken: not all arrived in time')
    }
    return this.ask<number>('wait', NONE, { timeout, onExpiry, expiresThere: true })
  }

  /**
   * Breaks the barrier immediately: current waiters, and all who arrive before `reset`, get `BrokenBarrierError`. If called while
   * the action runs, it takes effect once the action has finished and the parties that have arrived are released.
   */
  abort(): Operation<unknown> {
    return this.callNow('abort', NONE)
  }

  /** Resets the barrier, immediately or as soon as a running action finishes; current waiters get `BrokenBarrierError`. */
  reset(): Operation<unknown> {
    return this.callNow('reset', NONE)
  }

  /** The number of parties that are waiting. */
  get nWaiting(): Operation<number> {
    return this.ask<number>('nWaiting', NONE)
  }

  /** Whether the barrier is broken. */
  get broken(): Operation<boolean> {
    return this.ask<boolean>('broken', NONE)
  }
}

shareClass('Barrier', Barrier, ([, node, key, parties, timeout]) => {
  return new Barrier(parties as number, undefined, (timeout as number | null) ?? undefined, ObjectRef.at(node, key))
})
