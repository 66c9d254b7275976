import { Blocking } from '../engine/blocking.ts'
import { Call } from '../engine/call.ts'
import { checkTimeoutFromZero, show, type TimeLimit } from '../engine/check.ts'
import { Line } from '../engine/line.ts'
import { loop } from '../engine/loop.ts'
import { blockingExecution, usedTwice } from '../engine/operation.ts'
import { RunQueueNode } from '../engine/run-queue.ts'
import { runtime } from '../engine/runtime.ts'
import { DONE_WITH_NOTHING, finished, type Operation, PENDING, type Suspension } from '../engine/suspension.ts'
import { SharedOperation, type Waiter } from '../engine/waiter.ts'
import { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import { Ring } from './ring.ts'
import { StopIteration } from './stop-iteration.ts'

/** How to put into, or get from, a queue. */
export interface QueueOptions {
  /** Whether to wait. Default true. */
  block?: boolean
  /** How long to wait, in milliseconds from 0 up. Default without end; not used if `block` is false. */
  timeout?: TimeLimit
}

/**
 * A queue without `taskDone` and `join` (gevent: SimpleQueue). Items are handed over in the hub, to the longest waiting first; a
 * greenlet that runs may take an item before a woken one gets to it, which then keeps its place.
 *
 * @example
 * const queue = new SimpleQueue<number>()
 * spawn(function* () { yield* queue.put(1) })
 * yield* queue.get() // 1
 */
export class SimpleQueue<T = unknown> extends RunQueueNode {
  /** @internal */
  readonly getters: Line = new Line()
  /** @internal */
  readonly putters: Line = new Line()
  private getOperation: SharedGet<T> | null = null
  /** @internal */
  isShutDown = false
  private limitOfItems: number
  private scheduled = false
  private readonly ring: Ring<T> = new Ring()

  /**
   * @param maxsize how many items there is room for; `undefined`, 0 and less are without bound
   * @param options `items`: what is in it at first
   */
  constructor(maxsize?: number, options: { items?: Iterable<T> } = {}) {
    super()
    this.limitOfItems = checkMaxsize(maxsize)
    this.begin(options.items)
  }

  /** Puts the first items in. */
  protected begin(items: Iterable<T> | undefined): void {
    for (const item of items ?? []) this._put(item)
  }

  /** How many items there is room for; `undefined` is without bound. Set lower, nothing is dropped. */
  get maxsize(): number | undefined {
    return this.limitOfItems === Infinity ? undefined : this.limitOfItems
  }

  set maxsize(maxsize: number | undefined) {
    this.limitOfItems = checkMaxsize(maxsize)
    this.schedule()
  }

  /** Stores an item; a subclass may keep them in another order. */
  protected _put(item: T): void {
    this.ring.push(item)
  }

  /** Takes the next item out. */
  protected _get(): T {
    return this.ring.shift()
  }

  /** Looks at the next item. */
  protected _peek(): T {
    return this.ring.peek()
  }

  /** Drops all items. */
  protected _clear(): void {
    this.ring.clear()
  }

  /** How many items are in it. */
  qsize(): number {
    return this.ring.length
  }

  /** How many items are in it. */
  get size(): number {
    return this.qsize()
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this.qsize() === 0
  }

  /** Whether there is no room. */
  full(): boolean {
    return this.qsize() >= this.limitOfItems
  }

  /**
   * Puts an item in, waiting for room. The item of a killed or timed-out call is not put in.
   *
   * @param item what to put in
   * @param options see `QueueOptions`
   * @throws {Full} without room, in time; {ShutDown} after `shutdown`; {RangeError} at once for a negative `timeout`
   */
  put(item: T, options?: QueueOptions): Operation<undefined> {
    return options === undefined ? new SimplePut<T>(this, item) : new Put<T>(this, item, limitOf(options))
  }

  /** Puts an item in, without waiting. Throws {Full} without room. */
  putNowait(item: T): void {
    this.checkOpen()
    if (this.full() && runtime.current === null) this.unlock()
    if (this.full()) throw new Full()
    this.store(item)
  }

  /**
   * Takes an item out, waiting for one. A kill or timeout takes none.
   *
   * @param options see `QueueOptions`
   * @throws {Empty} without an item, in time; {ShutDown} if it was shut down and is empty; {RangeError} at once for a negative `timeout`
   */
  get(options?: QueueOptions): Operation<T> {
    return options === undefined ? (this.getOperation ??= new SharedGet<T>(this)) : new Get<T>(this, limitOf(options), false)
  }

  /** Takes an item out, without waiting. Throws {Empty} without one. */
  getNowait(): T {
    if (this.empty() && runtime.current === null) this.unlock()
    if (this.empty()) throw this.isShutDown ? new ShutDown() : new Empty()
    return this.take()
  }

  /** As `get`, but leaves the item in. */
  peek(options?: QueueOptions): Operation<T> {
    return new Get<T>(this, limitOf(options), true)
  }

  /** As `getNowait`, but leaves the item in. */
  peekNowait(): T {
    if (this.empty()) throw this.isShutDown ? new ShutDown() : new Empty()
    return this._peek()
  }

  /**
   * Closes the queue: `put` throws `ShutDown` from now on, and so does `get` once nothing is left. Who waits is woken.
   *
   * @param options `immediate`: whether what is in it is dropped. Default false
   */
  shutdown(options: { immediate?: boolean } = {}): void {
    this.isShutDown = true
    if (options.immediate) this.dropItems()
    for (let putter = this.putters.shift(); putter !== null; putter = this.putters.shift()) putter.fail(new ShutDown())
    if (!this.empty()) {
      this.schedule()
      return
    }
    for (let getter = this.getters.shift(); getter !== null; getter = this.getters.shift()) getter.fail(new ShutDown())
  }

  /** Drops the items at an immediate shutdown. */
  protected dropItems(): void {
    this._clear()
  }

  /** Waits for the next item as an iterator does: `StopIteration`, and a shutdown, end it. */
  next(): Operation<IteratorResult<Exclude<T, typeof StopIteration>, undefined>> {
    return new Call<[SimpleQueue<T>], IteratorResult<Exclude<T, typeof StopIteration>, undefined>>(nextItem, [this])
  }

  /** An iterator over the items as they come, for `each`. */
  iterate(): CooperativeIterator<Exclude<T, typeof StopIteration>> {
    return new QueueIterator(this)
  }

  /** Iterates in plain code. */
  [Symbol.asyncIterator](): AsyncIterator<Exclude<T, typeof StopIteration>, undefined> {
    return this.iterate()[Symbol.asyncIterator]()
  }

  /** @internal */
  checkOpen(): void {
    if (this.isShutDown) throw new ShutDown()
  }

  /** @internal */
  store(item: T): void {
    this._put(item)
    if (this.getters.first !== null) this.schedule()
  }

  /** @internal */
  take(): T {
    const item = this._get()
    if (this.putters.first !== null) this.schedule()
    return item
  }

  /** @internal */
  look(): T {
    return this._peek()
  }

  /** @internal Puts in the item of a putter that waited. */
  storeWaiting(item: T): void {
    this._put(item)
  }

  /** @internal Has waiting greenlets served in the hub's next turn. */
  schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    loop.ready(this)
  }

  /** @internal */
  override runInHub(): void {
    this.scheduled = false
    this.unlock()
    if (this.isShutDown && this.empty()) this.shutdown()
  }

  /** Serves putters and getters in turn. Each runs right after it is served, so what it was given cannot be lost on the way. */
  private unlock(): void {
    for (;;) {
      let served = false
      if (this.putters.first !== null && !this.full()) {
        this.putters.shift()!.notify(this)
        served = true
      }
      if (this.getters.first !== null && !this.empty()) {
        this.getters.shift()!.notify(this)
        served = true
      }
      if (!served) return
    }
  }
}

/** A call of `put` without options: nothing but its item. */
class SimplePut<T> extends SharedOperation<undefined> {
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
    if (queue.isShutDown) queue.checkOpen()
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
class SharedGet<T> extends SharedOperation<T> {
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
    if (queue.isShutDown) throw new ShutDown()
    queue.getters.push(this.park(execution))
    if (queue.putters.first !== null) queue.schedule()
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
class Put<T> extends Blocking<undefined> {
  private readonly item: T
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
    if (queue.isShutDown) queue.checkOpen()
    if (!queue.full()) {
      queue.store(this.item)
      return true
    }
    if (this.timeout === 0) throw new Full()
    queue.putters.push(this)
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
class Get<T> extends Blocking<T> {
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
    if (queue.isShutDown) throw new ShutDown()
    if (this.timeout === 0) throw new Empty()
    queue.getters.push(this)
    if (queue.putters.first !== null) queue.schedule()
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

class QueueIterator<T> extends CooperativeIterator<Exclude<T, typeof StopIteration>> {
  private readonly queue: SimpleQueue<T>
  private ended = false

  constructor(queue: SimpleQueue<T>) {
    super()
    this.queue = queue
  }

  next(): Operation<IteratorResult<Exclude<T, typeof StopIteration>, undefined>> {
    return new Call<[], IteratorResult<Exclude<T, typeof StopIteration>, undefined>>(() => this.step(), [])
  }

  private *step(): Generator<Suspension, IteratorResult<Exclude<T, typeof StopIteration>, undefined>, unknown> {
    if (this.ended) return { done: true, value: undefined }
    const result = yield* this.queue.next()
    this.ended = result.done === true
    return result
  }
}

function* nextItem<T>(
  queue: SimpleQueue<T>,
): Generator<Suspension, IteratorResult<Exclude<T, typeof StopIteration>, undefined>, unknown> {
  try {
    const item = yield* queue.get()
    if (item !== StopIteration) return { done: false, value: item as Exclude<T, typeof StopIteration> }
  } catch (error) {
    if (!(error instanceof ShutDown)) throw error
  }
  return { done: true, value: undefined }
}

function limitOf(options: QueueOptions | undefined): TimeLimit {
  if (options === undefined) return undefined
  return options.block === false ? 0 : checkTimeoutFromZero(options.timeout)
}

function checkMaxsize(maxsize: unknown): number {
  if (maxsize === undefined || maxsize === null) return Infinity
  if (typeof maxsize !== 'number' || Number.isNaN(maxsize)) {
    throw new TypeError(`Expected \`maxsize\` to be a number of items or undefined, got ${show(maxsize)}`)
  }
  return maxsize <= 0 ? Infinity : maxsize
}
