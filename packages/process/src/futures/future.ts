import { getHub, type Operation, type Suspension, spawn } from '@greenlit/core'
import { callInHub, checkCallable, checkTimeout, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { expiredResult } from '../pool/result.ts'
import { callTarget } from '../process/target.ts'
import { Links } from '../wait/links.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { CancelledError, InvalidStateError, RuntimeError } from './errors.ts'

type Callback = (future: never) => unknown

/**
 * A call that may not have ended, or not even begun (concurrent.futures.Future). An executor's `submit` makes it. `yield*`-ed or awaited,
 * any number of times, it gives its result; core's `wait`, `iwait` and `joinall` take it.
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
  private readonly waits = new Set<OutsideWait<never>>()
  private readonly links = new Links<this>()

  /** Whether it was cancelled, or has a result or an error. */
  done(): boolean {
    return this.state === 'cancelled' || this.state === 'finished'
  }

  /** Whether a worker has begun it, and not ended. */
  running(): boolean {
    return this.state === 'running'
  }

  /** Whether it was cancelled. */
  cancelled(): boolean {
    return this.state === 'cancelled'
  }

  /** @internal Whether it has an error. */
  get failed(): boolean {
    return this.hasFailed
  }

  /**
   * Cancels it, unless a worker has begun it.
   *
   * @returns whether it is cancelled, now or before
   */
  cancel(): boolean {
    if (this.state === 'pending') this.end('cancelled')
    return this.state === 'cancelled'
  }

  /**
   * Waits for the result. A kill or a timeout ends the wait only; the call goes on.
   *
   * @param options `timeout`: milliseconds, default without end
   * @throws what the function threw; {CancelledError} if it was cancelled; {TimeoutError} when the time is over
   */
  result(options: { timeout?: TimeLimit } = {}): Operation<T> {
    return this.waitFor('Future.result', timeoutOf(options), () => this.take())
  }

  /**
   * Waits for the end, and gives the error: what the function threw, or `undefined` if it returned.
   *
   * @param options `timeout`: milliseconds, default without end
   * @throws {CancelledError} if it was cancelled; {TimeoutError} when the time is over
   */
  exception(options: { timeout?: TimeLimit } = {}): Operation<unknown> {
    return this.waitFor('Future.exception', timeoutOf(options), () => {
      this.checkNotCancelled()
      return this.hasFailed ? this.outcome : undefined
    })
  }

  /** @internal The result of one that has ended, or throws its error. */
  take(): T {
    this.checkNotCancelled()
    if (this.hasFailed) throw this.outcome
    return this.outcome as T
  }

  private checkNotCancelled(): void {
    if (this.state === 'cancelled') throw new CancelledError('The future was cancelled')
  }

  private waitFor<R>(name: string, timeout: unknown, answer: () => R): Operation<R> {
    const awaited: Awaited<R> = {
      name,
      ready: () => (this.done() ? { value: answer() } : undefined),
      enter: (wait) => this.waits.add(wait as OutsideWait<never>),
      leave: (wait) => this.waits.delete(wait as OutsideWait<never>),
    }
    return new OutsideWait<R>(awaited, checkTimeout(timeout), expiredResult)
  }

  /**
   * Has a function called with the future when it has ended, however that is; at once if it has. Functions are called in the order in
   * which they were added, before whoever waits goes on. What one throws goes to `hub.handleError`.
   *
   * @param callback a plain function, which must not block, or a coroutine function, which goes on in a greenlet of its own
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
   * Says that the call begins, unless it was cancelled. For what carries out calls itself, and for tests.
   *
   * @returns whether it is to begin
   * @throws {RuntimeError} if it has begun already, or ended otherwise
   */
  setRunningOrNotifyCancel(): boolean {
    if (this.state === 'cancelled') return false
    if (this.state !== 'pending') throw new RuntimeError(`Expected the future to be pending, got ${this}`)
    this.state = 'running'
    return true
  }

  /**
   * Ends it with a result. For what carries out calls itself, and for tests.
   *
   * @throws {InvalidStateError} if it has ended
   */
  setResult(value: T): void {
    this.finish(false, value)
  }

  /**
   * Ends it with an error. For what carries out calls itself, and for tests.
   *
   * @throws {InvalidStateError} if it has ended
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

  /** Waits as `result()` does. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this.result()[Symbol.iterator]()
  }

  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): PromiseLike<R1 | R2> {
    return this.result().then(onfulfilled, onrejected)
  }

  /** Calls a function in the hub when it has ended, or later if it has. */
  rawlink(callback: (future: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.links.add(callback)
    if (this.done()) this.links.tell(this)
  }

  /** Takes back one link of the function. */
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
