import { Blocking } from './blocking.ts'
import { type TimeLimit, timeoutOf } from './check.ts'
import type { Execution } from './execution.ts'
import { blockingExecution } from './operation.ts'
import { type Operation, PENDING, type Suspension } from './suspension.ts'
import type { WaitQueue, WaitQueueNode } from './wait-queue.ts'
import { SharedOperation } from './waiter.ts'

/** A waiter in a queue, which is run when its turn has come. */
export interface QueuedWaiter extends WaitQueueNode {
  switchTo(value: unknown): boolean
  throwTo(error: unknown): unknown
}

/** A wait in a queue, defined once for both of its forms: by itself it has no time limit, and `within` adds one. */
export abstract class QueuedOperation<T> extends SharedOperation<T> {
  /** Returns the result if there is no need to wait, otherwise `null`; may throw. */
  abstract poll(): IteratorResult<Suspension, T> | null
  /** Adds a waiter to the queue. */
  abstract enter(waiter: WaitQueueNode): void
  /** Gives a waiter what it waits for. Called in the hub. */
  abstract override serve(waiter: QueuedWaiter): void
  /** Returns the result of the call, or throws its error, when its time is up. */
  abstract expire(timeout: TimeLimit): T

  /** Returns the result of a call that would have to wait but has no time to, or throws its error. */
  pollOnce(): T {
    return this.expire(0)
  }

  leave(waiter: WaitQueueNode): void {
    waiter.waitQueue?.remove(waiter)
  }

  /** Returns the same wait with a time limit. */
  within(timeout: TimeLimit): Operation<T> {
    return new LimitedWait(this, timeout)
  }

  /** Returns the same wait with the `timeout` in the options of a call; this very operation if there is none. */
  limited(options: { timeout?: TimeLimit } | undefined): Operation<T> {
    const timeout = timeoutOf(options)
    return timeout === undefined ? this : this.within(timeout)
  }

  /** The hot operations repeat this method in their own class: V8 inlines `poll` only where it is always the same one. */
  next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    return execution._waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  protected enqueue(execution: Execution): IteratorResult<Suspension, T> {
    this.enter(this.park(execution))
    return PENDING
  }
}

/** A wait in a queue with a time limit. */
export class LimitedWait<T, O extends QueuedOperation<T> = QueuedOperation<T>>
  extends Blocking<T>
  implements WaitQueueNode
{
  /** @internal */
  waitNext: WaitQueueNode | null
  /** @internal */
  waitPrevious: WaitQueueNode | null
  /** @internal */
  waitQueue: WaitQueue | null
  /** @internal */
  readonly operation: O
  private readonly timeout: TimeLimit

  constructor(operation: O, timeout: TimeLimit) {
    super()
    this.waitNext = null
    this.waitPrevious = null
    this.waitQueue = null
    this.operation = operation
    this.timeout = timeout
  }

  start(): boolean {
    const { operation } = this
    const result = operation.poll()
    if (result !== null || this.timeout === 0) {
      this.outcome = result === null ? operation.pollOnce() : result.value
      return true
    }
    operation.enter(this)
    this.limit(this.timeout)
    return false
  }

  notify(): void {
    this.operation.serve(this)
  }

  cancel(): void {
    this.operation.leave(this)
  }

  override expire(): T {
    return this.operation.expire(this.timeout)
  }

  describe(): string {
    return this.operation.describe()
  }
}
