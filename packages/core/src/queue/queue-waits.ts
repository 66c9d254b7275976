import type { TimeLimit } from '../engine/check.ts'
import { blockingExecution, usedTwice } from '../engine/operation.ts'
import { QueuedOperation, type QueuedWaiter } from '../engine/queued-operation.ts'
import { DONE_WITH_NOTHING, finished, type Suspension } from '../engine/suspension.ts'
import type { WaitQueueNode } from '../engine/wait-queue.ts'
import { timeoutError } from '../greenlet/timeout.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import type { SimpleQueue } from './simple-queue.ts'

/** The operation that `put` returns. It can be used only once. */
export class Put<T> extends QueuedOperation<undefined> {
  /** @internal */
  readonly item: T
  private readonly queue: SimpleQueue<T>
  private used = false

  constructor(queue: SimpleQueue<T>, item: T) {
    super()
    this.queue = queue
    this.item = item
  }

  override next(): IteratorResult<Suspension, undefined> {
    const execution = blockingExecution()
    return execution._waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  poll(): IteratorResult<Suspension, undefined> | null {
    if (this.used) throw usedTwice()
    this.used = true
    const { queue } = this
    queue.checkOpen()
    if (queue.full()) return null
    queue.store(this.item)
    return DONE_WITH_NOTHING
  }

  override pollOnce(): undefined {
    this.queue.putNowait(this.item)
  }

  enter(waiter: WaitQueueNode): void {
    const { queue } = this
    queue.putters.push(waiter)
    if (queue.canStore) queue.schedule()
  }

  serve(waiter: QueuedWaiter): void {
    this.queue.keep(this.item)
    waiter.switchTo(undefined)
  }

  expire(timeout: TimeLimit): never {
    throw timeoutError(timeout, new Full())
  }

  describe(): string {
    return `${this.queue.constructor.name}.put`
  }
}

/** The operation that `get` returns; all callers share one per queue. */
export class Get<T> extends QueuedOperation<T> {
  protected readonly queue: SimpleQueue<T>

  constructor(queue: SimpleQueue<T>) {
    super()
    this.queue = queue
  }

  override next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    return execution._waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  poll(): IteratorResult<Suspension, T> | null {
    const { queue } = this
    if (!queue.empty()) return finished(this.take())
    if (queue.isShutdown) throw new ShutDown()
    return null
  }

  override pollOnce(): T {
    return this.queue.getNowait()
  }

  enter(waiter: WaitQueueNode): void {
    const { queue } = this
    queue.getters.push(waiter)
    if (queue.canTake) queue.schedule()
  }

  /** Hands an item over and resumes the greenlet right here. */
  serve(waiter: QueuedWaiter): void {
    waiter.switchTo(this.take())
  }

  expire(timeout: TimeLimit): never {
    throw timeoutError(timeout, new Empty())
  }

  describe(): string {
    return `${this.queue.constructor.name}.get`
  }

  protected take(): T {
    return this.queue.take()
  }
}

/** The operation that `peek` returns. */
export class Peek<T> extends Get<T> {
  override pollOnce(): T {
    return this.queue.peekNowait()
  }

  override describe(): string {
    return `${this.queue.constructor.name}.peek`
  }

  protected override take(): T {
    return this.queue.look()
  }
}
