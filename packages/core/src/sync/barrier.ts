import { Call } from '../engine/call.ts'
import { checkCallableIfGiven, checkTimeout, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { branded } from '../errors/branded.ts'
import { AsyncResult } from './async-result.ts'

/**
 * Thrown when a barrier is broken, or is broken or reset during the wait (threading: BrokenBarrierError).
 *
 * @example
 * const passed = yield* attempt(barrier.wait({ timeout: 100 }))
 * if (!passed.ok && passed.error instanceof BrokenBarrierError) barrier.reset()
 */
export class BrokenBarrierError extends /* @__PURE__ */ branded('BrokenBarrierError') {
  /** A stable identifier for this kind of error. */
  readonly code: string = 'BROKEN_BARRIER'

  /** @param message replaces the default message */
  constructor(message = 'The barrier was broken') {
    super(message)
  }
}

/** Options of a `Barrier`. */
export interface BarrierOptions {
  /**
   * Called by the last greenlet to arrive, before any is released; it may block. If it throws, that greenlet gets the error and the
   * barrier is broken.
   */
  action?: (() => unknown) | undefined
  /** The default timeout of `wait`, in milliseconds. Default: no limit. */
  timeout?: TimeLimit
}

/** What the barrier itself may write and its users only read. A cast, unlike a getter, costs the bundle nothing. */
type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** One round of a barrier; its value is whether it was passed. The class name appears in reports of what greenlets wait on. */
const Round = class Barrier extends AsyncResult<boolean> {}

/**
 * Lets a fixed number of greenlets wait for each other (threading: Barrier). It can be passed any number of times.
 *
 * @example
 * const start = new Barrier(2)
 * spawn(function* server() { yield* listen(); yield* start.wait(); yield* serve() })
 * spawn(function* client() { yield* start.wait(); yield* connect() })
 */
export class Barrier {
  /** The number of greenlets required to pass. */
  readonly parties: number
  /** The number of greenlets waiting at the barrier. */
  readonly nWaiting: number = 0
  /** Whether the barrier is broken. */
  readonly broken: boolean = false
  private readonly action: (() => unknown) | undefined
  private readonly timeout: TimeLimit
  private round = new Round()
  /** The round whose action is running. Greenlets that arrive meanwhile belong to the next round. */
  private acting: AsyncResult<boolean> | null = null

  /**
   * @param parties how many greenlets are required to pass, an integer of at least 1
   * @param options see `BarrierOptions`; `action` and `timeout` may also be given as two arguments, as in threading
   * @throws {TypeError} or {RangeError} if `parties` is not such an integer; {TypeError} if `action` is not a function
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
   * Waits until all parties have arrived. If a waiting greenlet is killed, the barrier is broken for all. A greenlet that arrives
   * while an action runs waits for its end first, as in threading.
   *
   * @param options `timeout`: milliseconds; if it expires before all have arrived, the barrier is broken for all. Default: the
   *   barrier's own `timeout`
   * @returns the order of arrival: an integer from 0 to `parties` - 1, different for each greenlet
   * @throws {BrokenBarrierError} if the barrier is broken, or is broken or reset during the wait
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<number> {
    const timeout = timeoutOf(options) ?? this.timeout
    return new Call<[Barrier, TimeLimit], number>(Barrier.pass, [this, timeout])
  }

  private static *pass(barrier: Barrier, timeout: TimeLimit): Generator<Suspension, number, unknown> {
    while (barrier.acting !== null) yield* barrier.acting.wait()
    if (barrier.broken) throw new BrokenBarrierError()
    const { round, nWaiting: arrived } = barrier
    ;(barrier as Writable<Barrier>).nWaiting += 1
    if (barrier.nWaiting === barrier.parties) {
      yield* barrier.runAction(round)
      return arrived
    }
    try {
      yield* round.wait({ timeout })
    } finally {
      // This greenlet was killed or timed out: without it the others would wait forever.
      if (round === barrier.round) barrier.abort()
    }
    if (!(yield* round.get())) throw new BrokenBarrierError()
    return arrived
  }

  /** Runs the action, then releases a complete round. */
  private *runAction(round: AsyncResult<boolean>): Generator<Suspension, void, unknown> {
    this.acting = round
    this.renew()
    let passed = false
    try {
      yield* drive(this.action?.())
      passed = !this.broken
    } finally {
      this.acting = null
      if (!passed) this.abort()
      round.set(passed)
    }
  }

  /** Breaks the barrier: all waiting greenlets, and all that arrive before `reset`, get `BrokenBarrierError`. */
  abort(): void {
    ;(this as Writable<Barrier>).broken = true
    this.breakRound()
  }

  /**
   * Resets the barrier to its initial state. Waiting greenlets get `BrokenBarrierError`, except those of a round whose action is
   * running: they had all arrived.
   */
  reset(): void {
    ;(this as Writable<Barrier>).broken = false
    this.breakRound()
  }

  private breakRound(): void {
    this.round.set(false)
    this.renew()
  }

  private renew(): void {
    this.round = new Round()
    ;(this as Writable<Barrier>).nWaiting = 0
  }
}
