import { Extras, inheritedExtras } from './extras.ts'
import { RunQueueNode } from './run-queue.ts'
import { runtime } from './runtime.ts'
import { FAILS, IN_CONTEXT, INTERRUPTED, NOTHING, READY, UNSTARTED } from './states.ts'
import { resume } from './step.ts'
import type { Resumable } from './suspension.ts'
import type { Waiter } from './waiter.ts'

/** A coroutine call on the stack of an execution, between its caller and its callee. */
export interface Frame {
  callerGenerator: Resumable | null
  callerFrame: Frame | null
  /** Whether the caller's generator is a native one. */
  callerIsNative: boolean
  /** Takes the call's outcome; returns whether control leaves the execution here, back to plain code. */
  complete(failed: boolean, value: unknown): boolean
}

/** What an execution waits on. */
export interface Waiting {
  /** Whether a raw switch may resume the execution; any other wait ends only with what it waits for. */
  readonly switchable?: boolean
  /** Detaches the execution for good from whatever would wake it. */
  abandon(): void
  /** Describes what is waited for, for reports. */
  describe(): string
}

/**
 * One flow of control: the generator to resume, the coroutine calls below it, and what it waits on.
 *
 *     frame:     crawl() <- get() <- connect()      (top on the right)
 *     generator: the one of connect(), resumed directly however deep the calls are
 */
export abstract class Execution extends RunQueueNode {
  // There may be a million of these, and the garbage collector's work, which is half of a spawn, depends on their size. What each
  // turn needs comes first, within one cache line.
  /** @internal */
  _state: number = UNSTARTED
  /** @internal Further state needed at each turn, as bits of one number. */
  _flags = 0
  /** @internal The generator to resume; for a greenlet that has not started, the function to run. */
  _generator: Resumable | null = null
  /** @internal */
  _frame: Frame | null = null
  /** @internal */
  _waiting: Waiting | null = null
  /**
   * @internal The value of the last switch to it, or the error to throw in it; before the start its arguments, after the end its
   * outcome.
   */
  _transfer: unknown = undefined
  /** @internal Its reusable wait record, created with its first wait on a shared operation. */
  _waiter: Waiter | null = null
  /**
   * @internal Receives the outcome. For executions started by the hub that is the hub, which is stored on the prototype, not in a
   * field.
   */
  declare _parent: Execution | null
  /** @internal */
  _extras: Extras | null = inheritedExtras()

  constructor(parent: Execution | null) {
    super()
    if (parent === null || parent !== runtime.hub) this._parent = parent
    if (this._extras !== null && this._extras.asyncContext !== null) this._flags = IN_CONTEXT
  }

  /** @internal What to throw when it is next resumed, or `NOTHING`. */
  get _failure(): unknown {
    return (this._flags & FAILS) === 0 ? NOTHING : this._transfer
  }

  set _failure(failure: unknown) {
    this._flags |= FAILS
    this._transfer = failure
  }

  /** @internal */
  _take(): unknown {
    const failure = this._transfer
    this._flags &= ~(FAILS | INTERRUPTED)
    this._transfer = undefined
    return failure
  }

  /** @internal The extras, created if there are none yet. */
  get _own(): Extras {
    return (this._extras ??= new Extras())
  }

  /** @internal Whether it stands for the plain program. */
  get _isMain(): boolean {
    return false
  }

  /** @internal */
  override _runInHub(): void {
    // A queued greenlet that was killed before its start is dead by now.
    if (this._state === READY || this._state === UNSTARTED) resume(this)
  }

  /**
   * @internal Creates the generator of an unstarted execution, which counts as running from then on. Throws what its function
   * throws at once.
   */
  abstract _begin(): Resumable

  /**
   * @internal Takes the outcome, leaves what is passed on to the parent in the runtime's `carried` registers, and returns the
   * parent; `null` if the outcome goes no further than the hub.
   */
  abstract _end(failed: boolean, value: unknown): Execution | null
}
