import type { Operation } from '../engine/suspension.ts'
import type { CooperativeIterator, Unawaited } from '../wait/cooperative-iterator.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import { HandOver } from './hand-over.ts'
import { type ItemOf, QueueIterator } from './queue-iterator.ts'
import { checkMaxsize, limitOf, listItems, type QueueOptions } from './queue-options.ts'
import { Get, Peek, Put } from './queue-waits.ts'
import { Ring } from './ring.ts'

/**
 * A queue without `taskDone` and `join` (gevent: SimpleQueue). Items are handed over in the hub, to the longest waiting first; a
 * greenlet that runs may take an item before a woken one gets to it, which then keeps its place.
 *
 * @example
 * const queue = new SimpleQueue<number>()
 * spawn(function* () { yield* queue.put(1) })
 * yield* queue.get() // 1
 */
export class SimpleQueue<T = unknown> extends HandOver {
  private getOperation: Get<T> | null = null
  private limitOfItems: number
  private readonly ring: Ring<T> = new Ring()

  /**
   * @param maxsize how many items there is room for; `undefined`, 0 and less are without bound
   * @param options `items`: what is in it at first
   * @throws {TypeError} or {RangeError} if `maxsize` is no whole number or `items` cannot be iterated
   */
  constructor(maxsize?: number, options: { items?: Iterable<T> } = {}) {
    super()
    this.limitOfItems = checkMaxsize(maxsize)
    for (const item of listItems(options)) this._put(item)
  }

  /** How many items there is room for; `undefined` is without bound. Set lower, nothing is dropped. */
  get maxsize(): number | undefined {
    return this.limitOfItems === Infinity ? undefined : this.limitOfItems
  }

  set maxsize(maxsize: number | undefined) {
    this.limitOfItems = checkMaxsize(maxsize)
    this.schedule()
  }

  /**
   * Stores an item. A subclass that keeps its items in another way overrides this, `_get`, `_peek` and `_qsize`; it passes no
   * `items` to `super`, which has no place for them yet, and puts them in itself.
   */
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

  /** Counts the items. */
  protected _qsize(): number {
    return this.ring.length
  }

  /** @internal */
  override get canTake(): boolean {
    return this._qsize() > 0
  }

  /** @internal */
  override get canStore(): boolean {
    return this._qsize() < this.limitOfItems
  }

  /** How many items are in it. */
  qsize(): number {
    return this._qsize()
  }

  /** How many items are in it. */
  get size(): number {
    return this.qsize()
  }

  /** How many items are in it. */
  get length(): number {
    return this.qsize()
  }

  /** Whether nothing is in it. */
  empty(): boolean {
    return this._qsize() === 0
  }

  /** Whether there is no room. */
  full(): boolean {
    return this._qsize() >= this.limitOfItems
  }

  /**
   * Puts an item in, waiting for room. The item of a killed or timed-out call is not put in.
   *
   * @param item what to put in
   * @param options see `QueueOptions`
   * @throws {Full} without room, in time; {ShutDown} after `shutdown`; {RangeError} at once for a negative `timeout`
   */
  put(item: T, options?: QueueOptions): Operation<undefined> {
    const put = new Put<T>(this, item)
    return options === undefined ? put : put.within(limitOf(options))
  }

  /** Puts an item in, without waiting. Throws {Full} without room, {ShutDown} after `shutdown`. */
  putNowait(item: T): void {
    this.checkOpen()
    if (this.full()) this.unlockInHub()
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
    const get = (this.getOperation ??= new Get<T>(this))
    return options === undefined ? get : get.within(limitOf(options))
  }

  /** Takes an item out, without waiting. Throws {Empty} without one, {ShutDown} if it was shut down too. */
  getNowait(): T {
    if (this.empty()) this.unlockInHub()
    if (this.empty()) throw this.isShutdown ? new ShutDown() : new Empty()
    return this.take()
  }

  /** As `get`, with the same options and errors, but leaves the item in. */
  peek(options?: QueueOptions): Operation<T> {
    return new Peek<T>(this).within(limitOf(options))
  }

  /** As `getNowait`, but leaves the item in. */
  peekNowait(): T {
    if (this.empty()) throw this.isShutdown ? new ShutDown() : new Empty()
    return this._peek()
  }

  /** A queue of the same class, size and order with the same items; who waits at this one does not wait at that. */
  copy(): this {
    const items = this.drained()
    for (const item of items) this._put(item)
    return this.alike(items)
  }

  /** Takes all items out, and lists them in an order in which to put them in again. */
  protected drained(): T[] {
    const items: T[] = []
    while (this._qsize() > 0) items.push(this._get())
    return items
  }

  /** Makes a queue of the same class; a subclass with another constructor overrides this. */
  protected alike(items: Iterable<T>): this {
    const Alike = this.constructor as new (maxsize: number | undefined, options: { items: Iterable<T> }) => this
    return new Alike(this.maxsize, { items })
  }

  protected override dropItems(): void {
    this.drained()
  }

  /** Waits for the next item as an iterator does: `StopIteration`, and a shutdown, end it. */
  next(): Operation<IteratorResult<ItemOf<T>, undefined>> {
    return this.iterate().next()
  }

  /** An iterator over the items as they come, for `each`. */
  iterate(): CooperativeIterator<ItemOf<T>> {
    return new QueueIterator(this)
  }

  /** Iterates in plain code; an item that is a greenlet or a promise is given as it is, not awaited. */
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

  /** @internal Puts an item in; getters are not told. */
  keep(item: T): void {
    this._put(item)
  }
}
