import { wrongValue } from '../engine/check.ts'
import type { LimitedWait } from '../engine/queued-operation.ts'
import type { Operation } from '../engine/suspension.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import type { QueueOptions } from './queue-options.ts'
import type { Put } from './queue-waits.ts'
import { SimpleQueue } from './simple-queue.ts'

type Putter<T> = LimitedWait<undefined, Put<T>>

/**
 * An unbuffered queue: `put` waits until a `get` has taken its item (gevent: Channel). It is always both empty and full.
 *
 * @example
 * const channel = new Channel<string>()
 * spawn(function* () {
 *   yield* channel.put('hello')
 *   console.log('taken')
 * })
 * yield* channel.get() // 'hello'
 */
export class Channel<T = unknown> extends SimpleQueue<T> {
  /** The putter whose item is being handed over. It resumes after the getter that received the item. */
  private served: Putter<T> | null = null

  /** @param maxsize accepted so that a channel can replace a queue; must be 1 if given. Throws {RangeError} for anything else */
  constructor(maxsize?: number) {
    super()
    if (maxsize !== undefined && maxsize !== 1) throw wrongValue('maxsize', '1 or undefined for a channel', maxsize)
  }

  /** The number of greenlets waiting to put minus the number waiting to get. */
  get balance(): number {
    return this.putters.length - this.getters.length
  }

  override qsize(): number {
    return 0
  }

  override empty(): boolean {
    return true
  }

  override full(): boolean {
    return true
  }

  /** @internal An item that `putNowait` stored for a waiting getter is buffered; all others are held by the waiting putters. */
  override get canTake(): boolean {
    return this.putters.first !== null || this._qsize() > 0
  }

  /** @internal */
  override get canStore(): boolean {
    return this.getters.first !== null
  }

  // Options are always passed, so that each call waits as a `LimitedWait` of its own: the putter may be interrupted between leaving
  // the wait queue and being resumed, which a shared waiter could not tell.
  override put(item: T, options: QueueOptions = {}): Operation<undefined> {
    return super.put(item, options)
  }

  /** Hands an item to a waiting getter, without blocking. Throws {Full} if no getter waits, {ShutDown} after `shutdown`. */
  override putNowait(item: T): void {
    this.checkOpen()
    if (this.getters.length <= this.putters.length + this._qsize()) throw new Full()
    this.store(item)
    this.serveInHub()
  }

  /** Takes the item of a waiting putter, without blocking. Throws {Empty} if no putter waits, {ShutDown} if it was shut down too. */
  override getNowait(): T {
    const item = this.peekNowait()
    if (this._qsize() > 0) this._get()
    else (this.putters.shift() as Putter<T>).wake(undefined)
    return item
  }

  override peekNowait(): T {
    if (!this.canTake) throw this.isShutdown ? new ShutDown() : new Empty()
    return this.look()
  }

  /** @internal */
  override look(): T {
    return this._qsize() > 0 ? this._peek() : (this.putters.first as Putter<T>).operation.item
  }

  /** @internal */
  override take(): T {
    if (this._qsize() > 0) return this._get()
    this.served = this.putters.shift() as Putter<T>
    return this.served.operation.item
  }

  protected override serveOnce(): boolean {
    const isServed = this.serve(this.getters, 'canTake')
    const { served } = this
    this.served = null
    served?.switchTo(undefined)
    return isServed
  }
}
