import { Extras, inheritedExtras } from './extras.ts'
import { RunQueueNode } from './run-queue.ts'
import { runtime } from './runtime.ts'
import { FAILS, IN_CONTEXT, INTERRUPTED, NOTHING, READY, UNSTARTED } from './states.ts'
import { resume } from './step.ts'
import type { Resumable } from './suspension.ts'
import type { Waiter } from './waiter.ts'

/** A coroutine call on the stack of an execution, in between its caller and what it called. */
export interface Frame {
  callerGenerator: Resumable | null
  callerFrame: Frame | null
  /** Whether the caller's generator is a native one. */
  callerIsNative: boolean
  /** Takes the call's outcome; answers whether control leaves the execution here, back to plain code. */
  complete(failed: boolean, value: unknown): boolean
}

/** What an execution waits on. */
export interface Waiting {
  /** Whether a raw switch may resume it; any other wait ends only by what it waits for. */
  readonly switchable?: boolean
  /** Takes the execution out of whatever would wake it, for good. */
  abandon(): void
  /** Says what is waited for, for reports. */
  describe(): string
}

/**
 * One flow of control: the generator to resume, the coroutine calls below it, and what it waits on.
 *
 *     frame:     crawl() <- get() <- connect()      (top on the right)
 *     generator: the one of connect(), resumed directly however deep the calls are
 */
export abstract class Execution extends RunQueueNode {
  // There may be a million of these: the collector's work, which is half of a spawn, goes by their size. What each turn needs stands
  // first, in one line of the processor's cache.
  /** @internal */
  state: number = UNSTARTED
  /** @internal What else is to be known of it at each turn, as bits of one number. */
  flags = 0
  /** @internal What to resume; of a greenlet that has not started, the function to run. */
  generator: Resumable | null = null
  /** @internal */
  frame: Frame | null = null
  /** @internal */
  waiting: Waiting | null = null
  /** @internal What the last switch to it brought, or what to throw in it; before the start its arguments, after the end its outcome. */
  transfer: unknown = undefined
  /** @internal Where it waits, once it has. */
  waiter: Waiter | null = null
  /** @internal Who takes the outcome. Of whatever the hub started it is the hub, which is no field of theirs but of the class. */
  declare parentExecution: Execution | null
  /** @internal */
  extras: Extras | null = inheritedExtras()

  constructor(parent: Execution | null) {
    super()
    if (parent === null || parent !== runtime.hub) this.parentExecution = parent
    if (this.extras !== null && this.extras.asyncContext !== null) this.flags = IN_CONTEXT
  }

  /** @internal What to throw when it is next resumed, or `NOTHING`. */
  get failure(): unknown {
    return (this.flags & FAILS) === 0 ? NOTHING : this.transfer
  }

  set failure(failure: unknown) {
    this.flags |= FAILS
    this.transfer = failure
  }

  /** @internal */
  takeFailure(): unknown {
    const failure = this.transfer
    this.flags &= ~(FAILS | INTERRUPTED)
    this.transfer = undefined
    return failure
  }

  /** @internal The extras, made if there are none yet. */
  get ownExtras(): Extras {
    return (this.extras ??= new Extras())
  }

  /** @internal Whether it stands for the plain program. */
  get standsForMain(): boolean {
    return false
  }

  /** @internal */
  override runInHub(): void {
    // A queued greenlet that was killed before its start is dead by now.
    if (this.state === READY || this.state === UNSTARTED) resume(this)
  }

  /** @internal Makes the generator of an unstarted one, which runs from then on; throws what its function throws at once. */
  abstract begin(): Resumable

  /**
   * @internal Takes the outcome, leaves what goes on to the parent in `carried`, and answers who the parent is;
   * `null` ends the journey in the hub.
   */
  abstract end(failed: boolean, value: unknown): Execution | null
}
