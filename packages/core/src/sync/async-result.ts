import { checkOptions, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { Done } from '../engine/done.ts'
import { awaitOperation } from '../engine/operation.ts'
import { QueuedOperation, type QueuedWaiter } from '../engine/queued-operation.ts'
import { finished, type Operation, type Resumable, type Suspension } from '../engine/suspension.ts'
import type { WaitQueueNode } from '../engine/wait-queue.ts'
import type { LinkReceiver } from '../greenlet/callback-link.ts'
import { errorOf } from '../greenlet/raw-greenlet.ts'
import { Timeout, timeoutError } from '../greenlet/timeout.ts'
import { Linkable } from './linkable.ts'

/** What an `AsyncResult` can be linked to, to receive its outcome. */
export interface OutcomeSource<T> {
  successful(): boolean
  readonly value?: T | undefined
  readonly exception?: unknown
}

const UNSET = 0
const VALUE = 1
const EXCEPTION = 2

/**
 * A value or an error that will be available later (gevent: AsyncResult). It can be linked to a greenlet, to receive its outcome. It
 * can be `yield*`-ed or awaited any number of times; both mean `get()`.
 *
 * @example
 * const answer = new AsyncResult<number>()
 * spawn(function* () {
 *   answer.set(42)
 * })
 * yield* answer.get() // 42
 */
export class AsyncResult<T = unknown> extends Linkable implements Operation<T>, LinkReceiver<OutcomeSource<T>> {
  private kind = UNSET
  private outcome: unknown = undefined
  private getOperation: Get<T> | null = null
  private waitOperation: Get<T> | null = null

  /** Stores a value and wakes the waiters. If it is set again, waiters that have not run yet get the last value. */
  set(...value: undefined extends T ? [value?: T] : [value: T]): void {
    this.settle(VALUE, value[0])
  }

  /** Stores an error for `get` to throw. An error class is instantiated. */
  setException(error: unknown): void {
    this.settle(EXCEPTION, typeof error === 'function' ? errorOf(error) : error)
  }

  /** Whether there is a value or an error. */
  override ready(): boolean {
    return this.kind !== UNSET
  }

  /** Whether there is a value. */
  successful(): boolean {
    return this.kind === VALUE
  }

  /** The value, if there is one. */
  get value(): T | undefined {
    return this.kind === VALUE ? (this.outcome as T) : undefined
  }

  /** The error, if there is one. */
  get exception(): unknown {
    return this.kind === EXCEPTION ? this.outcome : undefined
  }

  /**
   * Waits for the outcome and returns the value.
   *
   * @param options `block`: whether to wait, default true; `timeout`: milliseconds, default no limit
   * @throws the stored error, the same object each time; {Timeout} if there is no outcome in time
   */
  get(options?: { block?: boolean | undefined; timeout?: TimeLimit }): Operation<T> {
    const get = (this.getOperation ??= new Get<T>(this, true))
    return options === undefined ? get : get.within((checkOptions(options).block ?? true) ? timeoutOf(options) : 0)
  }

  /** Returns the value without waiting. Throws the stored error, or a {Timeout} if there is no outcome yet. */
  getNowait(): T {
    if (this.kind === VALUE) return this.outcome as T
    if (this.kind === EXCEPTION) throw this.outcome
    throw new Timeout(0)
  }

  /**
   * Waits for the outcome without throwing it.
   *
   * @returns the value; `undefined` on timeout, or if there is an error
   */
  wait(options?: { timeout?: TimeLimit }): Operation<T | undefined> {
    return (this.waitOperation ??= new Get<T>(this, false)).limited(options)
  }

  /** Like `get`, under its name in futures (concurrent.futures: Future.result). */
  result(options?: { timeout?: TimeLimit }): Operation<T> {
    return this.get(options)
  }

  /** Same as `set`. */
  setResult(...value: undefined extends T ? [value?: T] : [value: T]): void {
    this.settle(VALUE, value[0])
  }

  /** Same as `ready`. */
  done(): boolean {
    return this.ready()
  }

  /** Always returns `false`: a result cannot be cancelled. */
  cancel(): boolean {
    return false
  }

  /** Always returns `false`. */
  cancelled(): boolean {
    return false
  }

  /** Takes over the outcome of the object that it is linked to. */
  receive(source: OutcomeSource<T>): void {
    if (source.successful()) this.settle(VALUE, source.value)
    else this.settle(EXCEPTION, source.exception)
  }

  /** Waits like `get()`. Works outside of greenlets too if the value is there already. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return (this.kind === VALUE ? new Done<unknown>(this.outcome) : this.get())[Symbol.iterator]() as Iterator<
      Suspension,
      T
    >
  }

  /** Lets plain code `await` the result, like `get()`. */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaitOperation<T>(this.get() as unknown as Resumable).then(onfulfilled, onrejected)
  }

  private settle(kind: number, outcome: unknown): void {
    this.kind = kind
    this.outcome = outcome
    if (this.links.first !== null) this.schedule()
  }
}

/** The operation of `get`, which throws a stored error, and of `wait`, which does not. */
class Get<T> extends QueuedOperation<T> {
  private readonly result: AsyncResult<T>
  private readonly raises: boolean

  constructor(result: AsyncResult<T>, raises: boolean) {
    super()
    this.result = result
    this.raises = raises
  }

  poll(): IteratorResult<Suspension, T> | null {
    const { result } = this
    if (!result.ready()) return null
    if (this.raises && !result.successful()) throw result.exception
    return finished(result.value as T)
  }

  enter(waiter: WaitQueueNode): void {
    this.result.addLink(waiter)
  }

  serve(waiter: QueuedWaiter): void {
    const { result } = this
    if (this.raises && !result.successful()) waiter.throwTo(result.exception)
    else waiter.switchTo(result.value)
  }

  expire(timeout: TimeLimit): T {
    if (!this.raises) return undefined as T
    throw timeoutError(timeout)
  }

  describe(): string {
    return `${this.result.constructor.name}.${this.raises ? 'get' : 'wait'}`
  }
}
