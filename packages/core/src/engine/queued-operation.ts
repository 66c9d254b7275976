import { Blocking } from './blocking.ts'
import { type TimeLimit, timeoutOf } from './check.ts'
import type { Execution } from './execution.ts'
import { blockingExecution } from './operation.ts'
import { type Operation, PENDING, type Suspension } from './suspension.ts'
import type { WaitQueue, WaitQueueNode } from './wait-queue.ts'
import { SharedOperation } from './waiter.ts'

/** Who stands in a line, and is run when its turn has come. */
export interface QueuedWaiter extends WaitQueueNode {
  switchTo(value: unknown): boolean
  throwTo(error: unknown): unknown
}

/** A wait in a line, told once: as it is it waits without end, and `within` gives it a limit. */
export abstract class QueuedOperation<T> extends SharedOperation<T> {
  /** The result, if there is no need to wait; may throw. */
  abstract poll(): IteratorResult<Suspension, T> | null
  /** Puts a waiter in the line. */
  abstract enter(waiter: WaitQueueNode): void
  /** Gives a waiter what it waits for, in the hub. */
  abstract override serve(waiter: QueuedWaiter): void
  /** What the call answers, or throws, when the time is over. */
  abstract expire(timeout: TimeLimit): T

  /** What it answers, or throws, when it has no time to wait, and would have to. */
  pollOnce(): T {
    return this.expire(0)
  }

  leave(waiter: WaitQueueNode): void {
    waiter.waitQueue?.remove(waiter)
  }

  /** The same wait for at most so long. */
  within(timeout: TimeLimit): Operation<T> {
    return new LimitedWait(this, timeout)
  }

  /** The same wait with the `timeout` among the options of a call; it is this one if there is none. */
  limited(options: { timeout?: TimeLimit } | undefined): Operation<T> {
    const timeout = timeoutOf(options)
    return timeout === undefined ? this : this.within(timeout)
  }

  /** The hot operations repeat this as their own: V8 inlines `poll` only where it always is the same. */
  next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    return execution.waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  protected enqueue(execution: Execution): IteratorResult<Suspension, T> {
    this.enter(this.park(execution))
    return PENDING
  }
}

/** A wait in a line that has an end. */
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
