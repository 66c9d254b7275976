import { Blocking, holdOutside, type TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../socket/description.ts'

/** After this many calls in a row that did not wait, the next one takes a turn of Node's event loop: otherwise I/O would starve. */
const MOST_AT_ONCE = 16
let atOnce = 0

/**
 * Waits until one of several pollables is ready. Data that has arrived becomes visible only in turns of Node's event loop, from
 * within an I/O callback in the second turn. A poll (a timeout of 0) therefore takes two turns, and so does a result from which
 * input that has already arrived may be missing.
 */
export abstract class Readiness<T> extends Blocking<T> {
  private readonly timeout: TimeLimit
  private external = false
  private answered = false
  private hops = 0

  constructor(timeout: TimeLimit) {
    super()
    this.timeout = timeout
  }

  /** Starts watching for external input; returns whether any pollable is external. */
  protected abstract prepare(): boolean
  /** Starts observing changes. */
  protected abstract watch(): void
  /** Stops observing changes. */
  protected abstract unwatch(): void
  /** Returns the result if something is ready. May throw. */
  protected abstract collect(): T | undefined
  /** Whether external input may have arrived that is not visible yet. */
  protected abstract mayMiss(): boolean
  /** Returns the result for an expired timeout. May throw. */
  protected abstract nothing(): T

  override get isExternal(): boolean {
    return this.external
  }

  start(): boolean {
    this.external = this.prepare()
    const ready = this.collect()
    const whole = ready !== undefined && !this.mayMiss()
    if (whole && ++atOnce < MOST_AT_ONCE) {
      this.outcome = ready
      return true
    }
    atOnce = 0
    this.watch()
    const poll = isPoll(this.timeout)
    if (!poll) this.limit(this.timeout)
    if (poll || ready !== undefined) {
      this.external = true
      this.lookAfter(whole ? 1 : 2)
    }
    return false
  }

  /** Called when an external pollable joins the wait: from then until the wait ends there is no deadlock. */
  protected becomeExternal(): void {
    if (this.external) return
    this.external = true
    // An external wait calls `holdOutside` when it begins and releases it when it ends. This one began as internal.
    holdOutside()
  }

  /** Checks again after the given number of turns of Node's event loop. */
  private lookAfter(turns: number): void {
    this.hops = turns
    setImmediate(hop, this)
  }

  /** @internal */
  hop(): void {
    if (!this.isWaiting) return
    if (this.hops > 1 && this.mayMiss()) {
      this.lookAfter(this.hops - 1)
      return
    }
    this.hops = 0
    this.look()
    if (this.isWaiting && isPoll(this.timeout)) this.giveUp()
  }

  // Node delivers the input of one turn in separate callbacks; checking after the turn reports it all at once, as the kernel would.
  changed(source: Pollable): void {
    if (this.hops > 0) return
    if (source.isExternal) this.lookAfter(1)
    else this.look()
  }

  /** Checks whether something is ready now. */
  protected look(): void {
    let ready: T | undefined
    try {
      ready = this.collect()
    } catch (error) {
      this.stop(error)
      return
    }
    if (ready !== undefined) this.answer(ready)
  }

  private answer(value: T): void {
    this.unwatch()
    this.answered = this.wake(value)
  }

  /** Ends the wait with an error. */
  stop(error: unknown): void {
    this.unwatch()
    this.fail(error)
  }

  // By the time the greenlet runs more may be ready, which belongs in the same result.
  override next(): ReturnType<Blocking<T>['next']> {
    if (this.answered) {
      this.answered = false
      this.outcome = this.collectAgain() ?? this.outcome
    }
    return super.next()
  }

  private collectAgain(): T | undefined {
    try {
      return this.collect()
    } catch {
      // A socket that was ready may have been closed since; its next call reports that.
      return undefined
    }
  }

  cancel(): void {
    this.unwatch()
  }

  override expire(): T {
    return this.collectAgain() ?? this.nothing()
  }
}

function hop(wait: Readiness<unknown>): void {
  wait.hop()
}

/** Whether a pollable may have received input that is not visible yet. */
export function mayHide(pollable: Pollable): boolean {
  return pollable.isExternal && !pollable.readable && !pollable.closed
}

/** Whether a timeout means to check without waiting. */
function isPoll(timeout: TimeLimit): boolean {
  return typeof timeout === 'number' && timeout <= 0
}
