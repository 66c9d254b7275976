import { Call } from '../engine/call.ts'
import { checkCallableIfGiven, checkTimeout, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { branded } from '../errors/branded.ts'
import { AsyncResult } from './async-result.ts'

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

/** Whether a round was passed, once it is over. Its name stands in reports of who waits on what. */
const Round = class Barrier extends AsyncResult<boolean> {}

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
  private round = new Round()
  private arrived = 0
  /** The round whose action runs: who comes meanwhile is of the next one. */
  private acting: AsyncResult<boolean> | null = null
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
   * Waits until all have arrived. A kill of one who waits breaks the barrier for all. Who comes while the action runs waits for its end
   * first, as in threading.
   *
   * @param options `timeout`: milliseconds; when over before all have arrived, the barrier is broken for all. Default the barrier's
   * @returns the order of arrival: a number from 0 to `parties` - 1, each given once
   * @throws {BrokenBarrierError} if it is broken, or reset meanwhile
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = timeoutOf(options) ?? this.timeout
    return new Call<[Barrier, TimeLimit], number>(Barrier.pass, [this, timeout])
  }

  private static *pass(barrier: Barrier, timeout: TimeLimit): Generator<Suspension, number, unknown> {
    while (barrier.acting !== null) yield* barrier.acting.wait()
    if (barrier.isBroken) throw new BrokenBarrierError()
    const { round, arrived } = barrier
    barrier.arrived += 1
    if (barrier.arrived === barrier.parties) {
      yield* barrier.act(round)
      return arrived
    }
    try {
      yield* round.wait({ timeout })
    } finally {
      // The others would wait for ever for one that is killed or has no more time.
      if (round === barrier.round) barrier.abort()
    }
    if (!(yield* round.get())) throw new BrokenBarrierError()
    return arrived
  }

  /** Lets a round through that is complete, after the action. */
  private *act(round: AsyncResult<boolean>): Generator<Suspension, void, unknown> {
    this.acting = round
    this.renew()
    let passed = false
    try {
      yield* drive(this.action?.())
      passed = !this.isBroken
    } finally {
      this.acting = null
      if (!passed) this.abort()
      round.set(passed)
    }
  }

  /** Breaks the barrier: those who wait, and whoever comes until `reset`, get `BrokenBarrierError`. */
  abort(): void {
    this.isBroken = true
    this.breakRound()
  }

  /** Makes the barrier as new; those who wait get `BrokenBarrierError`, but not while the action runs: all had arrived. */
  reset(): void {
    this.isBroken = false
    this.breakRound()
  }

  private breakRound(): void {
    this.round.set(false)
    this.renew()
  }

  private renew(): void {
    this.round = new Round()
    this.arrived = 0
  }

  /** How many wait at it now. */
  get nWaiting(): number {
    return this.arrived
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return this.isBroken
  }
}
