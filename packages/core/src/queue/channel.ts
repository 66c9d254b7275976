import { wrongValue } from '../engine/check.ts'
import type { LimitedWait } from '../engine/queued-operation.ts'
import type { Operation } from '../engine/suspension.ts'
import { Empty, Full, ShutDown } from './errors.ts'
import type { QueueOptions } from './queue-options.ts'
import type { Put } from './queue-waits.ts'
import { SimpleQueue } from './simple-queue.ts'

type Putter<T> = LimitedWait<undefined, Put<T>>

/**
 * A queue without room: `put` waits until a `get` has taken its item (gevent: Channel). It always counts as empty and as full.
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
  /** Whose item is being handed over: it goes on after who got the item. */
  private served: Putter<T> | null = null

  /** @param maxsize 1 if given, as where a queue would stand. Throws {RangeError} for anything else */
  constructor(maxsize?: number) {
    super()
    if (maxsize !== undefined && maxsize !== 1) throw wrongValue('maxsize', '1 or undefined for a channel', maxsize)
  }

  /** How many more greenlets wait to put than to get; negative if more wait to get. */
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

  /** @internal What `putNowait` promised to a getter is kept as in any queue; else there is what putters wait with. */
  override get canTake(): boolean {
    return this.putters.first !== null || this._qsize() > 0
  }

  /** @internal */
  override get canStore(): boolean {
    return this.getters.first !== null
  }

  // A wait of its own for each call: who is served may have been interrupted meanwhile, which only that one can tell.
  override put(item: T, options: QueueOptions = {}): Operation<undefined> {
    return super.put(item, options)
  }

  /** Hands an item to who waits for one, without waiting. Throws {Full} if nobody does. */
  override putNowait(item: T): void {
    this.checkOpen()
    if (this.getters.length <= this.putters.length + this._qsize()) throw new Full()
    this.store(item)
    this.unlockInHub()
  }

  /** Takes the item of who waits to put one, without waiting. Throws {Empty} if nobody does. */
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
