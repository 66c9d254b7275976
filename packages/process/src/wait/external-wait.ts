import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { nextAnswerNumber } from './answer-number.ts'

/** What an `ExternalWait` waits for. */
export interface WaitSource<T> {
  /** The name of the operation, such as `Popen.wait`. */
  readonly name: string
  /** Returns the answer, or `undefined` if there is none yet; may throw. */
  ready(): { readonly value: T } | undefined
  /** Adds a wait: `wait.finish()` must be called whenever `ready` may have changed. */
  enter(wait: ExternalWait<T>): void
  /** Removes a wait, for whatever reason it ended. */
  leave(wait: ExternalWait<T>): void
  /**
   * Takes back an answer that was not delivered because the waiting greenlet was killed.
   *
   * @param order the number of the answer: among those given back, a lower number was received earlier
   */
  giveBack?(value: T, order: number): void
  /** Takes back an error that was the answer and was not delivered because the waiting greenlet was killed. */
  giveBackError?(error: unknown, order: number): void
}

/** A wait for something outside the hub, such as the end of a process. */
export class ExternalWait<T> extends Blocking<T> {
  private readonly source: WaitSource<T>
  private readonly timeout: TimeLimit
  private readonly onExpiry: (raised: unknown) => T
  /** The number of the answer it has received; 0 if none. */
  private answerNumber = 0
  /** The error that ended the wait, and its number among the answers. */
  private failure: { readonly error: unknown; readonly order: number } | undefined = undefined

  /**
   * @param source what to wait for
   * @param timeout how long to wait; 0 only checks
   * @param onExpiry returns the result, or throws, on expiry; receives the `Timeout` that was given as the limit, if any
   */
  constructor(source: WaitSource<T>, timeout: TimeLimit, onExpiry: (raised: unknown) => T) {
    super()
    this.source = source
    this.timeout = timeout
    this.onExpiry = onExpiry
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const ready = this.source.ready()
    if (ready !== undefined || this.timeout === 0) {
      this.outcome = ready === undefined ? this.expire() : ready.value
      return true
    }
    this.source.enter(this)
    this.limit(this.timeout)
    return false
  }

  /** Ends the wait if there is an answer by now. */
  finish(): void {
    let ready: { readonly value: T } | undefined
    try {
      ready = this.source.ready()
    } catch (error) {
      if (this.fail(error)) {
        this.failure = { error, order: nextAnswerNumber() }
        this.source.leave(this)
      } else {
        this.source.giveBackError?.(error, 0)
      }
      return
    }
    if (ready === undefined) return
    if (this.wake(ready.value)) {
      this.answerNumber = nextAnswerNumber()
      this.source.leave(this)
    } else {
      this.source.giveBack?.(ready.value, 0)
    }
  }

  override throw(raised: unknown): ReturnType<Blocking<T>['throw']> {
    const { failure } = this
    this.failure = undefined
    // The greenlet was killed before it could receive the error that ended the wait.
    if (failure !== undefined && failure.error !== raised) this.source.giveBackError?.(failure.error, failure.order)
    return super.throw(raised)
  }

  protected override discard(): void {
    if (this.answerNumber > 0) this.source.giveBack?.(this.outcome as T, this.answerNumber)
  }

  cancel(): void {
    this.source.leave(this)
  }

  override expire(): T {
    return this.onExpiry(typeof this.timeout === 'object' ? this.timeout.raised : undefined)
  }

  describe(): string {
    return this.source.name
  }
}

/** The usual handler of an expiry: throws the `Timeout` that was given as the limit, or else the error that `make` returns. */
export function throwOnExpiry(make: () => Error): (raised: unknown) => never {
  return (raised) => {
    throw raised ?? make()
  }
}

/** Returns a function that tells how much of a call's time is left. */
export function timeLeft(timeout: TimeLimit): () => TimeLimit {
  if (typeof timeout !== 'number') return () => timeout
  const deadline = performance.now() + timeout
  return () => Math.max(0, deadline - performance.now())
}
