import { type Operation, type Suspension, spawn } from '@greenlit/core'
import { Call, checkCallable, checkOptions, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { TimeoutError } from '../errors/process-error.ts'
import { ExternalWait, throwOnExpiry, type WaitSource } from '../wait/external-wait.ts'
import { Links } from '../wait/links.ts'

/** What to call when a result has arrived. */
export interface ResultCallbacks<T> {
  /** Receives the value. A plain function or a coroutine function, run in its own greenlet before waiting greenlets resume. */
  callback?: ((value: T) => unknown) | undefined
  /** Receives the error. */
  errorCallback?: ((error: unknown) => unknown) | undefined
}

/** The callbacks by name, given by name or as the `callback` alone, as to a pool of greenlets. */
export function callbacksOf<O extends ResultCallbacks<never>>(given: O | O['callback']): O {
  return typeof given === 'function' ? ({ callback: given } as O) : (given as O)
}

/** Whether the result has arrived, and who waits for it. */
class Arrival implements WaitSource<undefined> {
  readonly name = 'PoolResult.get'
  private readonly waits = new Set<ExternalWait<undefined>>()
  isReady = false

  set(): void {
    this.isReady = true
    for (const wait of this.waits) wait.finish()
  }

  ready(): { value: undefined } | undefined {
    return this.isReady ? { value: undefined } : undefined
  }

  enter(wait: ExternalWait<undefined>): void {
    this.waits.add(wait)
  }

  leave(wait: ExternalWait<undefined>): void {
    this.waits.delete(wait)
  }
}

/** Throws the `Timeout` that was given as the limit of a wait for a result, if any, or else a `TimeoutError`. */
export const expiredResult: (raised: unknown) => never = throwOnExpiry(
  () => new TimeoutError('The result has not come in time'),
)

/**
 * The pending result of a call in a pool (Python: multiprocessing.pool.AsyncResult). It may be `yield*`-ed or awaited any number of
 * times; both mean `get()`.
 *
 * @example
 * const result = pool.applyAsync(target, [10])
 * const value = yield* result.get({ timeout: 1000 })
 */
export class PoolResult<T> implements Operation<T> {
  private readonly callbacks: ResultCallbacks<T>
  private readonly arrival = new Arrival()
  private readonly links = new Links<this>()
  private failed = false
  private outcome: unknown = undefined
  private readonly onCancel: () => void

  /** @internal */
  constructor(callbacks: ResultCallbacks<T>, onCancel: () => void) {
    this.callbacks = checkOptions(callbacks)
    const { callback, errorCallback } = this.callbacks
    if (callback !== undefined) checkCallable(callback, 'callback')
    if (errorCallback !== undefined) checkCallable(errorCallback, 'errorCallback')
    this.onCancel = onCancel
  }

  /** @internal */
  settle(failed: boolean, outcome: unknown): void {
    if (this.arrival.isReady) return
    this.failed = failed
    this.outcome = outcome
    const { callback, errorCallback } = this.callbacks
    if (failed && errorCallback !== undefined) spawn(errorCallback, outcome)
    if (!failed && callback !== undefined) spawn(callback, outcome as T)
    this.arrival.set()
    this.links.tell(this)
  }

  /** @internal Drops the calls that nobody wants any more. */
  cancel(): void {
    if (!this.arrival.isReady) this.onCancel()
  }

  /** Whether the result, a value or an error, has arrived. */
  ready(): boolean {
    return this.arrival.isReady
  }

  /**
   * Whether the result is a value.
   *
   * @throws {RangeError} if it has not arrived
   */
  successful(): boolean {
    if (!this.arrival.isReady) throw new RangeError('Expected the result to be ready: not ready')
    return !this.failed
  }

  /**
   * Waits until the result has arrived.
   *
   * @param options `timeout`: milliseconds, default no limit; on expiry the wait just ends
   */
  wait(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new ExternalWait<undefined>(this.arrival, timeoutOf(options), () => undefined)
  }

  /**
   * Waits for the value.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @throws whatever the function threw, with its stack in the other process; {TimeoutError} on expiry; {ProcessDiedError} if its
   *   worker died
   */
  get(options: { timeout?: TimeLimit } = {}): Operation<T> {
    const wait = new ExternalWait<undefined>(this.arrival, timeoutOf(options), expiredResult)
    return new Call<[PoolResult<T>, Operation<undefined>], T>(getResult, [this, wait])
  }

  /** Returns the value as `get` does, without waiting. Throws {TimeoutError} if it has not arrived. */
  getNowait(): Operation<T> {
    return this.get({ timeout: 0 })
  }

  /** The value; `undefined` until it has arrived, or if the call failed. */
  get value(): T | undefined {
    return this.failed ? undefined : (this.outcome as T | undefined)
  }

  /** The error; `undefined` unless the call has failed. */
  get exception(): unknown {
    return this.failed ? this.outcome : undefined
  }

  /** @internal Returns the value, or throws the error. */
  take(): T {
    if (this.failed) throw this.outcome
    return this.outcome as T
  }

  /** Waits as `get()` does. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this.get()[Symbol.iterator]()
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    return this.get().then(onfulfilled, onrejected)
  }

  /** Calls a function in the hub when the result has arrived, or shortly after this call if it already has. */
  rawlink(callback: (result: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.arrival.isReady) this.links.tell(this)
  }

  /** Removes one link of the function. */
  unlink(callback: (result: this) => unknown): void {
    this.links.remove(callback)
  }
}

function* getResult<T>(result: PoolResult<T>, wait: Operation<undefined>): Generator<Suspension, T, unknown> {
  yield* wait
  return result.take()
}

refuseToSend([PoolResult])
