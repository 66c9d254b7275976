import { Blocking } from '../engine/blocking.ts'
import { runCallback } from '../engine/callback.ts'
import { runtime } from '../engine/runtime.ts'
import type { Operation } from '../engine/suspension.ts'
import { ConcurrentObjectUseError } from '../errors/concurrent-object-use-error.ts'
import type { LinkReceiver } from './callback-link.ts'
import { errorOf } from './raw-greenlet.ts'

interface Ended<T> {
  successful(): boolean
  readonly value?: T | undefined
  readonly exception?: unknown
}

const UNSET = 0
const VALUE = 1
const EXCEPTION = 2

/**
 * Hands one value, or one error, from the hub to one greenlet: the primitive that blocking calls are built from (gevent: Waiter).
 * A value that arrives before anyone waits is kept for `get`. `AsyncResult` is the counterpart for many waiters.
 *
 * @example
 * const waiter = new Waiter<string>()
 * setTimeout(() => waiter.switch('hello'), 100)
 * yield* waiter.get() // 'hello'
 */
export class Waiter<T = unknown> implements LinkReceiver<Ended<T>> {
  private kind = UNSET
  private outcome: unknown = undefined
  /** @internal */
  waiting: Get<T> | null = null

  /**
   * Waits for the value. One that has already arrived is returned at once, and again each time until `clear`.
   *
   * @throws the error that arrived instead; {ConcurrentObjectUseError} if another greenlet already waits
   */
  get(): Operation<T> {
    return new Get(this)
  }

  /**
   * Gives the waiting greenlet a value and runs it; without a waiting greenlet, keeps the value. In a callback of the hub the
   * greenlet runs immediately, in other callbacks when its turn comes.
   *
   * @throws {Error} if a greenlet waits and another one calls this; {TypeError} if no value is given
   */
  switch(...value: [value: T]): void {
    if ((value.length as number) === 0) throw new TypeError('Expected `value` to be given, got nothing')
    this.settle(VALUE, value[0])
  }

  /** Like `switch`, with an error that `get` throws. An error class is instantiated. */
  throw(error: unknown): void {
    this.settle(EXCEPTION, typeof error === 'function' ? errorOf(error) : error)
  }

  /** Takes the outcome of the object it is linked to. */
  receive(source: Ended<T>): void {
    if (source.successful()) this.settle(VALUE, source.value)
    else this.settle(EXCEPTION, source.exception)
  }

  /** Whether a value or an error has arrived and is kept. */
  ready(): boolean {
    return this.kind !== UNSET
  }

  /** Whether a value has arrived and is kept. */
  successful(): boolean {
    return this.kind === VALUE
  }

  /** The kept value, if there is one. */
  get value(): T | undefined {
    return this.kind === VALUE ? (this.outcome as T) : undefined
  }

  /** The kept error, if there is one. */
  get exception(): unknown {
    return this.kind === EXCEPTION ? this.outcome : undefined
  }

  /**
   * Discards what is kept, so that the waiter can be used again.
   *
   * @throws {ConcurrentObjectUseError} if a greenlet waits
   */
  clear(): void {
    if (this.waiting !== null)
      throw new ConcurrentObjectUseError('Expected no greenlet to wait at a waiter to be cleared')
    this.kind = UNSET
    this.outcome = undefined
  }

  private settle(kind: number, outcome: unknown): void {
    const { waiting } = this
    if (waiting !== null) {
      if (runtime.current !== null) throw new Error('Expected a waiter to be switched by the hub, not a greenlet')
      if (!runtime.inHub) {
        // Deliveries from the hub are immediate, so that a kill queued earlier cannot hit a value in transit.
        runCallback(() => this.settle(kind, outcome))
        return
      }
      // A greenlet that is about to be killed does not take it.
      if (waiting.take(kind === EXCEPTION, outcome)) return
    }
    this.kind = kind
    this.outcome = outcome
  }
}

class Get<T> extends Blocking<T> {
  private readonly waiter: Waiter<T>

  constructor(waiter: Waiter<T>) {
    super()
    this.waiter = waiter
  }

  start(): boolean {
    const { waiter } = this
    if (waiter.ready()) {
      if (!waiter.successful()) throw waiter.exception
      this.outcome = waiter.value
      return true
    }
    if (waiter.waiting !== null)
      throw new ConcurrentObjectUseError('Expected one greenlet at a time to wait at a waiter')
    waiter.waiting = this
    return false
  }

  /** Delivers the outcome; returns whether the call still waited. */
  take(failed: boolean, outcome: unknown): boolean {
    this.waiter.waiting = null
    return failed ? this.throwTo(outcome) : this.switchTo(outcome as T)
  }

  cancel(): void {
    if (this.waiter.waiting === this) this.waiter.waiting = null
  }

  describe(): string {
    return 'Waiter.get'
  }
}
