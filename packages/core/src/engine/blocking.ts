import { withCallLines } from './call-lines.ts'
import type { StartableLimit, TimeLimit } from './check.ts'
import type { Execution, Waiting } from './execution.ts'
import { loop } from './loop.ts'
import { blockingExecution, OperationBase, usedTwice } from './operation.ts'
import { runtime } from './runtime.ts'
import { NOTHING, PARKED, READY } from './states.ts'
import { resume } from './step.ts'
import { finished, PENDING, type Suspension } from './suspension.ts'
import { TimerNode } from './timers.ts'

const FRESH = 0
const WAITING = 1
const WOKEN = 2
const ENDED = 3

/** The timer of a blocking call's own `timeout`. */
class LimitTimer extends TimerNode {
  private readonly operation: Blocking<unknown>

  constructor(operation: Blocking<unknown>) {
    super()
    this.operation = operation
  }

  fire(): void {
    this.operation.giveUp()
  }

  close(): void {
    loop.timers.cancel(this)
  }
}

/**
 * A blocking call as one object: the operation, its iterator and its wait. A subclass says how the call completes at once or
 * queues itself (`start`), how it leaves the queue (`cancel`), and what its own timeout means (`expire`).
 *
 *     fresh --start() true--------------------> ended
 *       `---start() false--> waiting --wake--> woken --next()--> ended
 *                               `--throw(): kill, timeout--> cancel() --> ended
 *
 * @example
 * class NextTick extends Blocking<string> {
 *   private timer: ReturnType<typeof setTimeout> | undefined
 *   override get isExternal() {
 *     return true
 *   }
 *   start() {
 *     this.timer = setTimeout(() => this.wake('ticked'), 10)
 *     return false
 *   }
 *   cancel() {
 *     clearTimeout(this.timer)
 *   }
 *   describe() {
 *     return 'NextTick'
 *   }
 * }
 * yield* new NextTick() // 'ticked'
 */
export abstract class Blocking<T> extends OperationBase<T> implements Waiting {
  /** @internal The waiting greenlet, until the wait is over: what was to end it may hold the call for longer. */
  execution: Execution | null
  /** @internal The result of the call, once woken. */
  outcome: unknown
  private phase: number
  /** The call's own timeout, while it is running. */
  private armed: LimitTimer | StartableLimit | null

  // Written out because the default constructor of a class with initialized fields passes its arguments on as an array.
  constructor() {
    super()
    this.execution = null
    this.outcome = undefined
    this.phase = FRESH
    this.armed = null
  }

  /** Whether something outside the hub (a promise, a socket) ends the wait. While one is pending there is no deadlock. */
  get isExternal(): boolean {
    return false
  }

  /**
   * Completes the call at once (sets `outcome` and returns `true`), or arranges for a wake-up and returns `false`. May throw.
   * Runs in the calling greenlet, which is `this.execution`.
   */
  abstract start(): boolean

  /**
   * Removes the call from whatever would wake it. Called when a kill, a timeout or a foreign error ends the wait. The wait ends
   * whatever this method does: it is too late to wake the call, and an error thrown here is only reported.
   */
  abstract cancel(): void

  /** Describes what the call waits for, as `Queue.get`. */
  abstract describe(): string

  /** Returns the result of the call, or throws its error, when its own timeout has expired; it has left its queue by then. */
  expire(): T {
    return undefined as T
  }

  /** @internal Ends the wait because the call's own timeout has expired. */
  giveUp(): void {
    if (this.phase !== WAITING) return
    const execution = this.execution!
    this.abandon()
    this.phase = WOKEN
    try {
      this.outcome = this.expire()
    } catch (error) {
      execution._failure = error
    }
    execution._state = READY
    loop.ready(execution)
  }

  /** @internal Ends the wait without a result: later callbacks are ignored. */
  abandon(): void {
    this.settle()
    this.phase = ENDED
    try {
      this.cancel()
    } catch (error) {
      // Rethrown, it would replace a kill, or end the hub.
      runtime.reportError(this.describe(), error)
    }
  }

  /** Whether the call is still waiting and has not been woken. */
  get isWaiting(): boolean {
    return this.phase === WAITING
  }

  /** Starts the call's own timeout, in place of one that is already running. To be called from `start` on. */
  limit(timeout: TimeLimit, ref = true): void {
    if (timeout === undefined) return
    this.disarm()
    if (typeof timeout === 'number') {
      const timer = new LimitTimer(this as Blocking<unknown>)
      timer.ref = ref
      loop.addTimer(timer, timeout)
      this.armed = timer
    } else {
      if (!timeout.pending) timeout.start()
      this.armed = timeout
    }
  }

  /** @internal */
  next(): IteratorResult<Suspension, T> {
    if (this.phase === WOKEN) {
      this.phase = ENDED
      return finished(this.outcome as T)
    }
    if (this.phase !== FRESH) throw usedTwice()
    this.execution = blockingExecution()
    this.phase = ENDED
    if (this.start()) return finished(this.outcome as T)
    if (this.isExternal) loop.externalWaits += 1
    this.phase = WAITING
    this.execution._waiting = this
    this.execution._state = PARKED
    return PENDING
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Suspension, T> {
    const ours = this.armed !== null && error === this.armed
    if (this.phase === WAITING) this.abandon()
    else this.discard()
    this.phase = ENDED
    if (ours) return finished(this.expire())
    throw withCallLines(error, this.throw)
  }

  /** Ends the wait with a value; the greenlet runs when its turn comes. Returns whether the call was still waiting. */
  wake(value: T | undefined): boolean {
    const execution = this.release(value)
    if (execution === null) return false
    execution._state = READY
    loop.ready(execution)
    return true
  }

  /** Ends the wait with an error; the greenlet runs when its turn comes. Returns whether the call was still waiting. */
  fail(error: unknown): boolean {
    const execution = this.release(error, true)
    if (execution === null) return false
    execution._state = READY
    loop.ready(execution)
    return true
  }

  /**
   * Ends the wait and runs the greenlet immediately, which only a callback of the hub may do: nothing can come in between.
   * Returns whether the call was still waiting.
   */
  switchTo(value: T): boolean {
    const execution = this.release(value)
    if (execution === null) return false
    resume(execution)
    return true
  }

  /** Called when a kill has kept a result from being delivered: puts it back, so that nothing is lost. */
  protected discard(): void {}

  /** Like `switchTo`, with an error. */
  throwTo(error: unknown): boolean {
    const execution = this.release(error, true)
    if (execution === null) return false
    resume(execution)
    return true
  }

  private release(outcome: unknown, failed?: boolean): Execution | null {
    if (this.phase !== WAITING) return null
    const execution = this.execution!
    // A kill that is about to be delivered wins: what would have ended this wait goes to the next waiter. So it does if the
    // greenlet waits for something else: then this wait was begun by code that only iterated over the operation.
    if (execution._waiting !== this || execution._failure !== NOTHING) return null
    this.settle()
    this.phase = WOKEN
    if (failed) execution._failure = outcome
    else this.outcome = outcome
    return execution
  }

  private settle(): void {
    this.execution!._waiting = null
    this.execution = null
    if (this.isExternal) loop.externalWaits -= 1
    this.disarm()
  }

  private disarm(): void {
    this.armed?.close()
    this.armed = null
  }
}
