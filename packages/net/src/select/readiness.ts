import { Blocking, holdOutside, type TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../socket/description.ts'

/** After so many answers in a row without a wait, one takes a turn of Node's loop: without it nothing would ever come in. */
const MOST_AT_ONCE = 16
let atOnce = 0

/**
 * Waits until one of several things is ready. What has come in becomes visible only in turns of Node's loop: from within an I/O
 * callback the second one, so a poll (a limit of 0) takes two; so does an answer from which something to read may be missing.
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

  /** Makes what comes from outside visible; answers whether anything does. */
  protected abstract prepare(): boolean
  /** Begins to be told of changes. */
  protected abstract watch(): void
  /** Is told no more. */
  protected abstract unwatch(): void
  /** The answer, if something is ready. May throw. */
  protected abstract collect(): T | undefined
  /** Whether something to read may have come in from outside that cannot be seen yet. */
  protected abstract mayMiss(): boolean
  /** The answer when nothing is. May throw. */
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

  /** Something that comes from outside has joined what is waited on: nothing is deadlocked until this wait ends. */
  protected becomeExternal(): void {
    if (this.external) return
    this.external = true
    // The end of a wait takes back what its beginning would have held.
    holdOutside()
  }

  /** Looks after so many turns of Node's loop. */
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

  // Node gives what comes in one turn piece by piece, each in a callback of its own: it is told together, as the kernel would.
  changed(source: Pollable): void {
    if (this.hops > 0) return
    if (source.isExternal) this.lookAfter(1)
    else this.look()
  }

  /** Looks whether something is ready by now. */
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

  // More may be ready by the time the greenlet runs: one answer for all of it.
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
      // What was ready and is closed by now is told by its next call.
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

/** Whether something to read may have come in to it that cannot be seen yet. */
export function mayHide(pollable: Pollable): boolean {
  return pollable.isExternal && !pollable.readable && !pollable.closed
}

/** Whether a limit means: look, and do not wait. */
function isPoll(timeout: TimeLimit): boolean {
  return typeof timeout === 'number' && timeout <= 0
}
