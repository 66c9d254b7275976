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

/** Fires once when a blocking call has used up its `timeout`. */
class Expiry extends TimerNode {
  private readonly operation: Blocking<unknown>

  constructor(operation: Blocking<unknown>) {
    super()
    this.operation = operation
  }

  fire(): void {
    this.operation.giveUp()
  }

  close(): void {
    loop.cancelTimer(this)
  }
}

/**
 * A blocking call as one object: the operation, its iterator, and what waits. A subclass says how it finishes at once or
 * queues itself (`start`), how it leaves the queue (`cancel`), and what its own timeout means (`expire`).
 *
 *     fresh --start() true--------------------> ended
 *       `---start() false--> waiting --wake--> woken --next()--> ended
 *                               `--throw(): kill, timeout--> cancel() --> ended
 */
export abstract class Blocking<T> extends OperationBase<T> implements Waiting {
  /** @internal The greenlet that waits. */
  execution: Execution | null
  /** @internal What the call will answer, once woken. */
  outcome: unknown
  private phase: number
  /** The call's own timeout, while it is armed. */
  private armed: Expiry | StartableLimit | null

  // A constructor of its own: the one that is made for fields with values hands on its arguments as an array.
  constructor() {
    super()
    this.execution = null
    this.outcome = undefined
    this.phase = FRESH
    this.armed = null
  }

  /** Whether something outside the hub ends the wait (a promise, a socket): while such a wait goes on, nothing is deadlocked. */
  get isExternal(): boolean {
    return false
  }

  /**
   * Finishes the call at once (set `outcome`, answer `true`), or arranges for a wake-up and answers `false`. May throw.
   * Runs in the calling greenlet, which is `this.execution`.
   */
  abstract start(): boolean

  /**
   * Leaves whatever would wake the call. Called when a kill, a timeout or a foreign error ends the wait, which goes on whatever this
   * does: to wake the call is too late by then, and what is thrown is only reported.
   */
  abstract cancel(): void

  /** Says what is waited for, as `Queue.get`. */
  abstract describe(): string

  /** What the call answers, or throws, when its own timeout is over; it has left its queue by then. */
  expire(): T {
    return undefined as T
  }

  /** @internal Ends the wait because its own timeout is over. */
  giveUp(): void {
    if (this.phase !== WAITING) return
    this.abandon()
    this.phase = WOKEN
    const execution = this.execution!
    try {
      this.outcome = this.expire()
    } catch (error) {
      execution.failure = error
    }
    execution.state = READY
    loop.ready(execution)
  }

  /** @internal Ends the wait without an answer: what calls back from now on is too late. */
  abandon(): void {
    this.settle()
    this.phase = ENDED
    try {
      this.cancel()
    } catch (error) {
      // Thrown here, it would come in place of a kill, or end the hub.
      runtime.reportError(this.describe(), error)
    }
  }

  /** Whether the call still waits, not yet woken. */
  get isWaiting(): boolean {
    return this.phase === WAITING
  }

  /** Arms the call's own timeout, in place of one that was armed before; call it from `start` on. */
  limit(timeout: TimeLimit, ref = true): void {
    if (timeout === undefined) return
    this.disarm()
    if (typeof timeout === 'number') {
      const expiry = new Expiry(this as Blocking<unknown>)
      expiry.ref = ref
      loop.addTimer(expiry, timeout)
      this.armed = expiry
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
    this.execution.waiting = this
    this.execution.state = PARKED
    return PENDING
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Suspension, T> {
    const ours = this.armed !== null && error === this.armed
    if (this.phase === WAITING) this.abandon()
    else this.discard()
    this.phase = ENDED
    if (ours) return finished(this.expire())
    throw error
  }

  /** Ends the wait with a value; the greenlet runs when its turn comes. Answers whether the call still waited. */
  wake(value: T | undefined): boolean {
    const execution = this.release(value)
    if (execution === null) return false
    execution.state = READY
    loop.ready(execution)
    return true
  }

  /** Ends the wait with an error; the greenlet runs when its turn comes. Answers whether the call still waited. */
  fail(error: unknown): boolean {
    const execution = this.release(undefined)
    if (execution === null) return false
    execution.failure = error
    execution.state = READY
    loop.ready(execution)
    return true
  }

  /** Ends the wait and runs the greenlet right here: only from a callback of the hub, where nothing can come in between. */
  switchTo(value: T): boolean {
    const execution = this.release(value)
    if (execution === null) return false
    resume(execution)
    return true
  }

  /** What becomes of an answer that a kill kept from being delivered; nothing must be lost. */
  protected discard(): void {}

  /** As `switchTo`, with an error. */
  throwTo(error: unknown): boolean {
    const execution = this.release(undefined)
    if (execution === null) return false
    execution.failure = error
    resume(execution)
    return true
  }

  private release(value: unknown): Execution | null {
    if (this.phase !== WAITING) return null
    const execution = this.execution!
    // A kill that is about to be delivered wins: what ended the wait goes to whoever waits next.
    if (execution.failure !== NOTHING) return null
    this.settle()
    this.phase = WOKEN
    this.outcome = value
    return execution
  }

  private settle(): void {
    this.execution!.waiting = null
    if (this.isExternal) loop.externalWaits -= 1
    this.disarm()
  }

  private disarm(): void {
    this.armed?.close()
    this.armed = null
  }
}
