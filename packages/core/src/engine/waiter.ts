import { withCallLines } from './call-lines.ts'
import type { Execution, Waiting } from './execution.ts'
import { loop } from './loop.ts'
import { OperationBase } from './operation.ts'
import { runtime } from './runtime.ts'
import { NOTHING, PARKED, READY } from './states.ts'
import { resume } from './step.ts'
import { finished, type Suspension } from './suspension.ts'
import type { WaitQueue, WaitQueueNode } from './wait-queue.ts'

/** The callbacks that a waiter passes to promises, created once so that a wait allocates none. */
export interface PromiseCallbacks {
  /** The wait that a promise is to end, if any. */
  waiter: Waiter | null
  readonly onFulfilled: (value: unknown) => void
  readonly onRejected: (error: unknown) => void
}

/**
 * The wait record of an execution. An execution waits for one thing at a time, so one record serves all its waits on operations
 * that keep no state of their own.
 */
export class Waiter implements WaitQueueNode, Waiting {
  waitNext: WaitQueueNode | null = null
  waitPrevious: WaitQueueNode | null = null
  waitQueue: WaitQueue | null = null
  /** The operation it waits on. */
  operation: SharedOperation<unknown> | null = null
  /** The result of the wait. */
  outcome: unknown = undefined
  readonly execution: Execution
  /** Its callbacks for promises, once it has waited for one. */
  callbacks: PromiseCallbacks | null = null

  constructor(execution: Execution) {
    this.execution = execution
  }

  abandon(): void {
    this.operation!.leave(this)
  }

  describe(): string {
    return this.operation!.describe()
  }

  notify(): void {
    this.operation!.serve(this)
  }

  /** Ends the wait and runs the greenlet immediately; only to be called from the hub. Returns whether it was still waiting. */
  switchTo(value: unknown): boolean {
    const { execution } = this
    // A kill that is about to be delivered wins.
    if (execution._failure !== NOTHING) return false
    this.outcome = value
    resume(execution)
    return true
  }

  /** Like `switchTo`, with an error. */
  throwTo(error: unknown): void {
    const { execution } = this
    if (execution._failure !== NOTHING) return
    execution._failure = error
    resume(execution)
  }

  /** Ends the wait with an error; the greenlet runs when its turn comes. */
  fail(error: unknown): void {
    const { execution } = this
    if (execution._failure !== NOTHING) return
    execution._failure = error
    execution._state = READY
    loop.ready(execution)
  }
}

/**
 * A blocking call without state of its own, so that one object serves every caller: the fast form of a call without a timeout.
 * The calling execution shows whether the call begins or resumes: only one that resumes is still waiting.
 */
export abstract class SharedOperation<T> extends OperationBase<T> {
  /** Serves a waiter whose turn has come, in the hub. */
  abstract serve(waiter: Waiter): void
  /** Removes a waiter that was killed. */
  abstract leave(waiter: Waiter): void
  abstract describe(): string

  /** @internal Parks the execution. */
  park(execution: Execution): Waiter {
    const waiter = (execution._waiter ??= new Waiter(execution))
    waiter.operation = this as SharedOperation<unknown>
    execution._waiting = waiter
    execution._state = PARKED
    return waiter
  }

  /** @internal Returns the result of a wait that has ended. */
  protected goOn(execution: Execution): IteratorResult<Suspension, T> {
    execution._waiting = null
    const waiter = execution._waiter!
    const value = waiter.outcome as T
    waiter.outcome = undefined
    return finished(value)
  }

  /** @internal */
  throw(error: unknown): IteratorResult<Suspension, T> {
    const execution = runtime.current!
    this.leave(execution._waiter!)
    execution._waiting = null
    throw withCallLines(error, this.throw)
  }
}
