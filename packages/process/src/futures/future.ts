import { getHub, type Operation, type Suspension, spawn } from '@greenlit/core'
import { callInHub, checkCallable, checkTimeout, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { CancelledError, InvalidStateError, RuntimeError } from '../errors/future-error.ts'
import { expiredResult } from '../pool/result.ts'
import { callTarget } from '../process/target.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { Links } from '../wait/links.ts'

type Callback = (future: never) => unknown

/**
 * The eventual result of a call (concurrent.futures.Future), as returned by an executor's `submit`. It can be `yield*`-ed or
 * awaited any number of times to get the result, and passed to core's `wait`, `iwait` and `joinall`.
 *
 * @example
 * const future = executor.submit<number>(target, 10)
 * future.addDoneCallback(() => console.log('done'))
 * const value = yield* future.result({ timeout: 1000 })
 */
export class Future<T = unknown> implements Operation<T> {
  private state: 'pending' | 'running' | 'cancelled' | 'finished' = 'pending'
  private hasFailed = false
  private outcome: unknown = undefined
  private callbacks: Callback[] = []
  private readonly waits = new Set<ExternalWait<never>>()
  private readonly links = new Links<this>()

  /** Whether the future was cancelled, or has a result or an error. */
  done(): boolean {
    return this.state === 'cancelled' || this.state === 'finished'
  }

  /** Whether a worker is executing the call. */
  running(): boolean {
    return this.state === 'running'
  }

  /** Whether the future was cancelled. */
  cancelled(): boolean {
    return this.state === 'cancelled'
  }

  /** @internal Whether the call failed. */
  get failed(): boolean {
    return this.hasFailed
  }

  /**
   * Cancels the call unless a worker has already started it.
   *
   * @returns whether the future is cancelled, by this call or an earlier one
   */
  cancel(): boolean {
    if (this.state === 'pending') this.end('cancelled')
    return this.state === 'cancelled'
  }

  /**
   * Waits for the result. A kill or timeout ends only the wait; the call keeps running.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @throws whatever the function threw; {CancelledError} if the future was cancelled; {TimeoutError} when the timeout expires
   */
  result(options: { timeout?: TimeLimit } = {}): Operation<T> {
    return this.waitFor('Future.result', timeoutOf(options), () => this.take())
  }

  /**
   * Waits for completion and returns the error: what the function threw, or `undefined` if it returned.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @throws {CancelledError} if the future was cancelled; {TimeoutError} when the timeout expires
   */
  exception(options: { timeout?: TimeLimit } = {}): Operation<unknown> {
    return this.waitFor('Future.exception', timeoutOf(options), () => {
      this.checkNotCancelled()
      return this.hasFailed ? this.outcome : undefined
    })
  }

  /** @internal Returns the result of a completed future, or throws its error. */
  take(): T {
    this.checkNotCancelled()
    if (this.hasFailed) throw this.outcome
    return this.outcome as T
  }

  private checkNotCancelled(): void {
    if (this.state === 'cancelled') throw new CancelledError('The future was cancelled')
  }

  private waitFor<R>(name: string, timeout: unknown, answer: () => R): Operation<R> {
    const source: WaitSource<R> = {
      name,
      ready: () => (this.done() ? { value: answer() } : undefined),
      enter: (wait) => this.waits.add(wait as ExternalWait<never>),
      leave: (wait) => this.waits.delete(wait as ExternalWait<never>),
    }
    return new ExternalWait<R>(source, checkTimeout(timeout), expiredResult)
  }

  /**
   * Calls a function with the future when it completes or is cancelled; immediately if it already has. Functions are called in the
   * order in which they were added, before the waiting greenlets resume. Errors that they throw go to `hub.handleError`.
   *
   * @param callback a plain function, which must not block, or a coroutine function, which runs in its own greenlet
   * @example
   * future.addDoneCallback(function* (future) {
   *   console.log(yield* future.result())
   * })
   */
  addDoneCallback(callback: (future: this) => unknown): void {
    checkCallable(callback, 'callback')
    if (this.done()) this.callBack(callback)
    else this.callbacks.push(callback)
  }

  private callBack(callback: Callback): void {
    const report = (error: unknown) => getHub().handleError(this, error)
    try {
      callInHub(() => {
        const returned: unknown = callback(this as never)
        if (returned instanceof Promise) returned.catch(report)
        else if (typeof (returned as Partial<Generator> | undefined | null)?.next === 'function')
          spawn(callTarget, () => returned, [])
      }, [])
    } catch (error) {
      report(error)
    }
  }

  /**
   * Marks the future as running unless it was cancelled. For executor implementations and tests.
   *
   * @returns whether the call should run: `false` if it was cancelled
   * @throws {RuntimeError} if the future is already running or finished
   */
  setRunningOrNotifyCancel(): boolean {
    if (this.state === 'cancelled') return false
    if (this.state !== 'pending') throw new RuntimeError(`Expected the future to be pending, got ${this}`)
    this.state = 'running'
    return true
  }

  /**
   * Completes the future with a result. For executor implementations and tests.
   *
   * @throws {InvalidStateError} if the future is already done
   */
  setResult(value: T): void {
    this.finish(false, value)
  }

  /**
   * Completes the future with an error. For executor implementations and tests.
   *
   * @throws {InvalidStateError} if the future is already done
   */
  setException(error: unknown): void {
    this.finish(true, error)
  }

  private finish(failed: boolean, outcome: unknown): void {
    if (this.done()) throw new InvalidStateError(`Expected the future to be pending or running, got ${this}`)
    this.hasFailed = failed
    this.outcome = outcome
    this.end('finished')
  }

  private end(state: 'cancelled' | 'finished'): void {
    this.state = state
    const { callbacks } = this
    this.callbacks = []
    for (const callback of callbacks) this.callBack(callback)
    for (const wait of this.waits) wait.finish()
    this.links.tell(this)
  }

  /** Waits for the result, as `result()` does. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this.result()[Symbol.iterator]()
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    return this.result().then(onfulfilled, onrejected)
  }

  /** Calls a function in the hub once the future is done; if it already is, in the hub's next turn. */
  rawlink(callback: (future: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.done()) this.links.tell(this)
  }

  /** Removes one link to the function. */
  unlink(callback: (future: this) => unknown): void {
    this.links.remove(callback)
  }

  toString(): string {
    const { outcome, state } = this
    if (state !== 'finished') return `<Future ${state}>`
    if (this.hasFailed) return `<Future finished raised ${outcome instanceof Error ? outcome.name : typeof outcome}>`
    return `<Future finished returned ${typeof outcome}>`
  }
}

refuseToSend([Future])
