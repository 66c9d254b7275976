import { Blocking } from '../engine/blocking.ts'
import { Call } from '../engine/call.ts'
import { checkCallableIfGiven, checkTimeout, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { branded } from '../errors/branded.ts'

/**
 * A barrier was broken or reset while greenlets waited at it, or is broken already (threading: BrokenBarrierError).
 *
 * @example
 * const passed = yield* attempt(barrier.wait({ timeout: 100 }))
 * if (!passed.ok && passed.error instanceof BrokenBarrierError) barrier.reset()
 */
export class BrokenBarrierError extends /* @__PURE__ */ branded('BrokenBarrierError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'BROKEN_BARRIER'

  /** @param message what to say instead */
  constructor(message = 'The barrier was broken') {
    super(message)
  }
}

/** What a `Barrier` does beside counting. */
export interface BarrierOptions {
  /** Is called by the last to arrive, before any is let through; it may block. If it throws, that greenlet gets the error and the barrier is broken. */
  action?: (() => unknown) | undefined
  /** How long each may wait, in milliseconds, unless `wait` says otherwise. Default without end. */
  timeout?: TimeLimit
}

/**
 * Lets a fixed number of greenlets wait for each other (threading: Barrier). It may be passed any number of times.
 *
 * @example
 * const start = new Barrier(2)
 * spawn(function* server() { yield* listen(); yield* start.wait(); yield* serve() })
 * spawn(function* client() { yield* start.wait(); yield* connect() })
 */
export class Barrier {
  /** How many greenlets it takes to pass. */
  readonly parties: number
  private readonly action: (() => unknown) | undefined
  private readonly timeout: TimeLimit
  /** @internal */
  waiting: Pass[] = []
  private isBroken = false

  /**
   * @param parties how many greenlets it takes, a whole number from 1 up
   * @param options see `BarrierOptions`; its two may also be given one after the other, as in threading
   * @throws {RangeError} if `parties` is none; {TypeError} if `action` is no function
   */
  constructor(parties: number, options?: BarrierOptions | (() => unknown), timeout?: TimeLimit) {
    const { action, timeout: limit = timeout } =
      typeof options === 'object' && options !== null ? options : { action: options }
    checkCallableIfGiven(action, 'action')
    this.parties = checkWhole(parties, 'parties', 1)
    this.action = action
    this.timeout = checkTimeout(limit)
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
    return new Call<[Barrier, TimeLimit], number>(Barrier.pass, [this, timeout])
  }

  private static *pass(barrier: Barrier, timeout: TimeLimit): Generator<Suspension, number, unknown> {
    if (barrier.isBroken) throw new BrokenBarrierError()
    const index = barrier.waiting.length
    if (index + 1 < barrier.parties) return yield* new Pass(barrier, index, timeout)
    const { waiting } = barrier
    try {
      const acting = barrier.action?.()
      // Who comes while it waits is of the next round.
      barrier.waiting = []
      yield* drive(acting)
    } catch (error) {
      barrier.waiting.unshift(...waiting)
      barrier.abort()
      throw error
    }
    for (const pass of waiting) pass.wake(pass.index)
    return index
  }

  /** Breaks the barrier: those who wait, and whoever comes until `reset`, get `BrokenBarrierError`. */
  abort(): void {
    this.breakWaits(true)
  }

  /** Makes the barrier as new; those who wait get `BrokenBarrierError`. */
  reset(): void {
    this.breakWaits(false)
  }

  private breakWaits(isBroken: boolean): void {
    this.isBroken = isBroken
    const { waiting } = this
    this.waiting = []
    for (const pass of waiting) pass.fail(new BrokenBarrierError())
  }

  /** How many wait at it now. */
  get nWaiting(): number {
    return this.waiting.length
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return this.isBroken
  }
}

class Pass extends Blocking<number> {
  readonly index: number
  private readonly barrier: Barrier
  private readonly timeout: TimeLimit

  constructor(barrier: Barrier, index: number, timeout: TimeLimit) {
    super()
    this.barrier = barrier
    this.index = index
    this.timeout = timeout
  }

  start(): boolean {
    this.barrier.waiting.push(this)
    this.limit(this.timeout)
    return false
  }

  /** Whoever leaves breaks the barrier: the others would wait for ever. */
  cancel(): void {
    const { barrier } = this
    const index = barrier.waiting.indexOf(this)
    if (index < 0) return
    barrier.waiting.splice(index, 1)
    barrier.abort()
  }

  override expire(): number {
    throw new BrokenBarrierError('The barrier was broken: not all arrived in time')
  }

  describe(): string {
    return 'Barrier.wait'
  }
}
