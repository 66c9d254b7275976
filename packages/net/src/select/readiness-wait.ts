import { Blocking, holdOutside, type TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../description/description.ts'

/** After this many calls in a row that did not wait, the next one takes a turn of Node's event loop: otherwise I/O would starve. */
const MAX_IMMEDIATE = 16
let immediate = 0

/**
 * Waits until one of several pollables is ready. Data that has arrived becomes visible only in turns of Node's event loop, from
 * within an I/O callback in the second turn. A poll (a timeout of 0) therefore takes two turns, and so does a result from which
 * input that has already arrived may be missing.
 */
export abstract class ReadinessWait<T> extends Blocking<T> {
  private readonly timeout: TimeLimit
  private external = false
  private answered = false
  private turnsLeft = 0

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
  protected abstract mayMissInput(): boolean
  /** Returns the result for an expired timeout. May throw. */
  protected abstract noneReady(): T

  override get isExternal(): boolean {
    return this.external
  }

  start(): boolean {
    this.external = this.prepare()
    const ready = this.collect()
    const isComplete = ready !== undefined && !this.mayMissInput()
    if (isComplete && ++immediate < MAX_IMMEDIATE) {
      this.outcome = ready
      return true
    }
    immediate = 0
    this.watch()
    const poll = isPoll(this.timeout)
    if (!poll) this.limit(this.timeout)
    if (poll || ready !== undefined) {
      this.external = true
      this.checkAfter(isComplete ? 1 : 2)
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
  private checkAfter(turns: number): void {
    this.turnsLeft = turns
    setImmediate(nextTurn, this)
  }

  /** @internal */
  nextTurn(): void {
    if (!this.isWaiting) return
    if (this.turnsLeft > 1 && this.mayMissInput()) {
      this.checkAfter(this.turnsLeft - 1)
      return
    }
    this.turnsLeft = 0
    this.check()
    if (this.isWaiting && isPoll(this.timeout)) this.giveUp()
  }

  // Node delivers the input of one turn in separate callbacks; checking after the turn reports it all at once, as the kernel would.
  changed(source: Pollable): void {
    if (this.turnsLeft > 0) return
    if (source.isExternal) this.checkAfter(1)
    else this.check()
  }

  /** Checks whether something is ready now. */
  protected check(): void {
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
    return this.collectAgain() ?? this.noneReady()
  }
}

function nextTurn(wait: ReadinessWait<unknown>): void {
  wait.nextTurn()
}

/** Whether a pollable may have received input that is not visible yet. */
export function mayHideInput(pollable: Pollable): boolean {
  return pollable.isExternal && !pollable.readable && !pollable.closed
}

/** Whether a timeout means to check without waiting. */
function isPoll(timeout: TimeLimit): boolean {
  return typeof timeout === 'number' && timeout <= 0
}
