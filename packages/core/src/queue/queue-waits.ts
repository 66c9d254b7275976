import { Blocking } from '../engine/blocking.ts'
import type { TimeLimit } from '../engine/check.ts'
import { blockingExecution, usedTwice } from '../engine/operation.ts'
import { DONE_WITH_NOTHING, finished, PENDING, type Suspension } from '../engine/suspension.ts'
import { SharedOperation, type Waiter } from '../engine/waiter.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import type { SimpleQueue } from './simple-queue.ts'

/** A call of `put` without options: nothing but its item. */
export class SimplePut<T> extends SharedOperation<undefined> {
  private readonly queue: SimpleQueue<T>
  private readonly item: T
  private used = false

  constructor(queue: SimpleQueue<T>, item: T) {
    super()
    this.queue = queue
    this.item = item
  }

  next(): IteratorResult<Suspension, undefined> {
    const execution = blockingExecution()
    if (execution.waiting !== null) return this.goOn(execution)
    if (this.used) throw usedTwice()
    this.used = true
    const { queue } = this
    if (queue.isShutdown) queue.checkOpen()
    if (!queue.full()) {
      queue.store(this.item)
      return DONE_WITH_NOTHING
    }
    queue.putters.push(this.park(execution))
    return PENDING
  }

  serve(waiter: Waiter): void {
    this.queue.storeWaiting(this.item)
    waiter.switchTo(undefined)
  }

  leave(waiter: Waiter): void {
    waiter.line?.remove(waiter)
  }

  describe(): string {
    return `${this.queue.constructor.name}.put`
  }
}

/** The call of `get` without options. */
export class SharedGet<T> extends SharedOperation<T> {
  private readonly queue: SimpleQueue<T>

  constructor(queue: SimpleQueue<T>) {
    super()
    this.queue = queue
  }

  next(): IteratorResult<Suspension, T> {
    const execution = blockingExecution()
    if (execution.waiting !== null) return this.goOn(execution)
    const { queue } = this
    if (!queue.empty()) return finished(queue.take())
    if (queue.isShutdown) throw new ShutDown()
    queue.getters.push(this.park(execution))
    return PENDING
  }

  serve(waiter: Waiter): void {
    waiter.switchTo(this.queue.take())
  }

  leave(waiter: Waiter): void {
    waiter.line?.remove(waiter)
  }

  describe(): string {
    return `${this.queue.constructor.name}.get`
  }
}

/** The wait of `put` with options. */
export class Put<T> extends Blocking<undefined> {
  /** @internal */
  readonly item: T
  private readonly queue: SimpleQueue<T>
  private readonly timeout: TimeLimit

  constructor(queue: SimpleQueue<T>, item: T, timeout: TimeLimit) {
    super()
    this.queue = queue
    this.item = item
    this.timeout = timeout
  }

  start(): boolean {
    const { queue } = this
    if (queue.isShutdown) queue.checkOpen()
    if (!queue.full()) {
      queue.store(this.item)
      return true
    }
    if (this.timeout === 0) {
      queue.putNowait(this.item)
      return true
    }
    queue.putters.push(this)
    if (queue.canStore) queue.schedule()
    this.limit(this.timeout)
    return false
  }

  override notify(): void {
    this.queue.storeWaiting(this.item)
    this.switchTo(undefined)
  }

  cancel(): void {
    this.line?.remove(this)
  }

  override expire(): undefined {
    throw new Full()
  }

  describe(): string {
    return `${this.queue.constructor.name}.put`
  }
}

/** The wait of `get` with options, and of `peek`. */
export class Get<T> extends Blocking<T> {
  private readonly queue: SimpleQueue<T>
  private readonly timeout: TimeLimit
  private readonly peeks: boolean

  constructor(queue: SimpleQueue<T>, timeout: TimeLimit, peeks: boolean) {
    super()
    this.queue = queue
    this.timeout = timeout
    this.peeks = peeks
  }

  start(): boolean {
    const { queue } = this
    if (!queue.empty()) {
      this.outcome = this.peeks ? queue.look() : queue.take()
      return true
    }
    if (queue.isShutdown) throw new ShutDown()
    if (this.timeout === 0) {
      this.outcome = this.peeks ? queue.peekNowait() : queue.getNowait()
      return true
    }
    queue.getters.push(this)
    if (queue.canTake) queue.schedule()
    this.limit(this.timeout)
    return false
  }

  /** Hands an item over; the greenlet runs right away. */
  override notify(): void {
    this.switchTo(this.peeks ? this.queue.look() : this.queue.take())
  }

  cancel(): void {
    this.line?.remove(this)
  }

  override expire(): T {
    throw new Empty()
  }

  describe(): string {
    return `${this.queue.constructor.name}.${this.peeks ? 'peek' : 'get'}`
  }
}
