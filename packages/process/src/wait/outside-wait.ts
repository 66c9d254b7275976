import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { nextAnswer } from './answers.ts'

/** What an `OutsideWait` waits for. */
export interface Awaited<T> {
  /** What is waited for, as `Popen.wait`. */
  readonly name: string
  /** The answer, if there is one already; `undefined` if it is yet to come. */
  ready(): { readonly value: T } | undefined
  /** Somebody waits: `wait.finish()` is to be called whenever `ready` may have changed. */
  enter(wait: OutsideWait<T>): void
  /** Somebody no longer waits, however that came. */
  leave(wait: OutsideWait<T>): void
  /**
   * Takes back an answer that a kill kept from being delivered.
   *
   * @param order which answer it was: of those that are given back a lower number came first
   */
  giveBack?(value: T, order: number): void
  /** Takes back an error that stood for an answer and that a kill kept from being delivered. */
  giveBackError?(error: unknown, order: number): void
}

/** A wait that ends with something outside the hub, such as the end of a process. */
export class OutsideWait<T> extends Blocking<T> {
  private readonly awaited: Awaited<T>
  private readonly timeout: TimeLimit
  private readonly onExpiry: (raised: unknown) => T
  /** Which answer it has got; 0 for none. */
  private answered = 0
  /** The error that has ended it. */
  private failure: { readonly error: unknown; readonly order: number } | undefined = undefined

  /**
   * @param awaited what is waited for
   * @param timeout how long; 0 only looks
   * @param onExpiry answers, or throws, when the time is over; takes the `Timeout` that was given as the limit
   */
  constructor(awaited: Awaited<T>, timeout: TimeLimit, onExpiry: (raised: unknown) => T) {
    super()
    this.awaited = awaited
    this.timeout = timeout
    this.onExpiry = onExpiry
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const ready = this.awaited.ready()
    if (ready !== undefined || this.timeout === 0) {
      this.outcome = ready === undefined ? this.expire() : ready.value
      return true
    }
    this.awaited.enter(this)
    this.limit(this.timeout)
    return false
  }

  /** Ends the wait if there is an answer now. */
  finish(): void {
    let ready: { readonly value: T } | undefined
    try {
      ready = this.awaited.ready()
    } catch (error) {
      if (this.fail(error)) {
        this.failure = { error, order: nextAnswer() }
        this.awaited.leave(this)
      } else {
        this.awaited.giveBackError?.(error, 0)
      }
      return
    }
    if (ready === undefined) return
    if (this.wake(ready.value)) {
      this.answered = nextAnswer()
      this.awaited.leave(this)
    } else {
      this.awaited.giveBack?.(ready.value, 0)
    }
  }

  override throw(raised: unknown): ReturnType<Blocking<T>['throw']> {
    const { failure } = this
    this.failure = undefined
    // A kill has come before the error that ended the wait.
    if (failure !== undefined && failure.error !== raised) this.awaited.giveBackError?.(failure.error, failure.order)
    return super.throw(raised)
  }

  protected override discard(): void {
    if (this.answered > 0) this.awaited.giveBack?.(this.outcome as T, this.answered)
  }

  cancel(): void {
    this.awaited.leave(this)
  }

  override expire(): T {
    return this.onExpiry(typeof this.timeout === 'object' ? this.timeout.raised : undefined)
  }

  describe(): string {
    return this.awaited.name
  }
}

/** The usual answer to an expiry: throws the `Timeout` that was given, or else an error. */
export function throwOnExpiry(make: () => Error): (raised: unknown) => never {
  return (raised) => {
    throw raised ?? make()
  }
}

/** What is left of a call's time, as it goes on. */
export function timeLeft(timeout: TimeLimit): () => TimeLimit {
  if (typeof timeout !== 'number') return () => timeout
  const deadline = performance.now() + timeout
  return () => Math.max(0, deadline - performance.now())
}
