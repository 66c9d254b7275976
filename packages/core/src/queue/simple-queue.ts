import type { Operation } from '../engine/suspension.ts'
import type { CooperativeIterator, Unawaited } from '../wait/cooperative-iterator.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import { QueueBase } from './queue-base.ts'
import { type ItemOf, QueueIterator } from './queue-iterator.ts'
import { checkMaxsize, limitOf, listItems, type QueueOptions } from './queue-options.ts'
import { Get, Peek, Put } from './queue-waits.ts'
import { Ring } from './ring.ts'

/**
 * A queue without `taskDone` and `join` (gevent: SimpleQueue). Waiting greenlets are served in the hub, the longest waiting first.
 * A running greenlet may take an item before the waiter it was meant for is served; that waiter keeps its place in line.
 *
 * @example
 * const queue = new SimpleQueue<number>()
 * spawn(function* () { yield* queue.put(1) })
 * yield* queue.get() // 1
 */
export class SimpleQueue<T = unknown> extends QueueBase {
  private getOperation: Get<T> | null = null
  private maxItems: number
  private readonly ring: Ring<T> = new Ring()

  /**
   * @param maxsize the maximum number of items; `undefined`, 0 or a negative number means unbounded
   * @param options `items`: the initial items
   * @throws {TypeError} or {RangeError} if `maxsize` is not an integer or `items` is not iterable
   */
  constructor(maxsize?: number, options: { items?: Iterable<T> | undefined } = {}) {
    super()
    this.maxItems = checkMaxsize(maxsize)
    for (const item of listItems(options)) this._put(item)
  }

  /** The maximum number of items; `undefined` means unbounded. Lowering it drops nothing. */
  get maxsize(): number | undefined {
    return this.maxItems === Infinity ? undefined : this.maxItems
  }

  set maxsize(maxsize: number | undefined) {
    this.maxItems = checkMaxsize(maxsize)
    this.schedule()
  }

  /**
   * Stores an item. A subclass with a store of its own overrides this, `_get`, `_peek` and `_qsize`. It does not pass `items` to
   * `super`, since its store does not exist yet then, but puts them in itself.
   */
  protected _put(item: T): void {
    this.ring.push(item)
  }

  /** Removes and returns the next item. */
  protected _get(): T {
    return this.ring.shift()
  }

  /** Returns the next item without removing it. */
  protected _peek(): T {
    return this.ring.peek()
  }

  /** Returns the number of items. */
  protected _qsize(): number {
    return this.ring.length
  }

  /** @internal */
  override get canTake(): boolean {
    return this._qsize() > 0
  }

  /** @internal */
  override get canStore(): boolean {
    return this._qsize() < this.maxItems
  }

  /** The number of items in the queue. */
  qsize(): number {
    return this._qsize()
  }

  /** The number of items in the queue. */
  get size(): number {
    return this.qsize()
  }

  /** The number of items in the queue. */
  get length(): number {
    return this.qsize()
  }

  /** Whether the queue is empty. */
  empty(): boolean {
    return this._qsize() === 0
  }

  /** Whether the queue has no room for another item. */
  full(): boolean {
    return this._qsize() >= this.maxItems
  }

  /**
   * Puts an item in, waiting for room if necessary. If the call is killed or times out, the item is not put in.
   *
   * @param item the item
   * @param options see `QueueOptions`
   * @throws {Full} on timeout; {ShutDown} after `shutdown`; {RangeError} immediately for a negative `timeout`
   */
  put(item: T, options?: QueueOptions): Operation<undefined> {
    const put = new Put<T>(this, item)
    return options === undefined ? put : put.within(limitOf(options))
  }

  /** Puts an item in without waiting. Throws {Full} if there is no room, {ShutDown} after `shutdown`. */
  putNowait(item: T): void {
    this.checkOpen()
    if (this.full()) this.serveInHub()
    if (this.full()) throw new Full()
    this.store(item)
  }

  /**
   * Takes an item out, waiting for one if necessary. If the call is killed or times out, no item is taken.
   *
   * @param options see `QueueOptions`
   * @throws {Empty} on timeout; {ShutDown} if the queue was shut down and is empty; {RangeError} immediately for a negative `timeout`
   */
  get(options?: QueueOptions): Operation<T> {
    const get = (this.getOperation ??= new Get<T>(this))
    return options === undefined ? get : get.within(limitOf(options))
  }

  /** Takes an item out without waiting. Throws {Empty} if the queue is empty, {ShutDown} if it was shut down as well. */
  getNowait(): T {
    if (this.empty()) this.serveInHub()
    if (this.empty()) throw this.isShutdown ? new ShutDown() : new Empty()
    return this.take()
  }

  /** Like `get`, with the same options and errors, but leaves the item in the queue. */
  peek(options?: QueueOptions): Operation<T> {
    return new Peek<T>(this).within(limitOf(options))
  }

  /** Like `getNowait`, but leaves the item in the queue. */
  peekNowait(): T {
    if (this.empty()) throw this.isShutdown ? new ShutDown() : new Empty()
    return this._peek()
  }

  /** Returns a queue of the same class, maximum size and order with the same items. Waiting greenlets are not copied. */
  copy(): this {
    const items = this.drained()
    for (const item of items) this._put(item)
    return this.alike(items)
  }

  /** Takes all items out. Putting them in again in the returned order restores the queue. */
  protected drained(): T[] {
    const items: T[] = []
    while (this._qsize() > 0) items.push(this._get())
    return items
  }

  /** Creates a queue of the same class. A subclass with a different constructor overrides this. */
  protected alike(items: Iterable<T>): this {
    const Alike = this.constructor as new (maxsize: number | undefined, options: { items: Iterable<T> }) => this
    return new Alike(this.maxsize, { items })
  }

  protected override dropItems(): void {
    this.drained()
  }

  /** Waits for the next item, as an iterator: `StopIteration` or a shutdown ends the iteration. */
  next(): Operation<IteratorResult<ItemOf<T>, undefined>> {
    return this.iterate().next()
  }

  /** Returns an iterator over the items as they arrive, for `each`. */
  iterate(): CooperativeIterator<ItemOf<T>> {
    return new QueueIterator(this)
  }

  /** Iterates in plain code with `for await`. Items that are greenlets or promises are not awaited. */
  [Symbol.asyncIterator](): AsyncIterator<Unawaited<ItemOf<T>>, undefined> {
    return this.iterate()[Symbol.asyncIterator]()
  }

  /** @internal */
  checkOpen(): void {
    if (this.isShutdown) throw new ShutDown()
  }

  /** @internal */
  store(item: T): void {
    this.keep(item)
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

  /** @internal Puts an item in without waking getters. */
  keep(item: T): void {
    this._put(item)
  }
}
