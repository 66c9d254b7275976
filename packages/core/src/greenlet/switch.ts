import { runMustBeSet } from '../engine/check.ts'
import type { Execution, Waiting } from '../engine/execution.ts'
import { blockingExecution, OperationBase, usedTwice } from '../engine/operation.ts'
import { runtime } from '../engine/runtime.ts'
import { NOTHING, PARKED, RUNNING, UNSTARTED } from '../engine/states.ts'
import { findReceiver, resume, runsBelow } from '../engine/step.ts'
import { finished, PENDING, type Suspension } from '../engine/suspension.ts'
import type { RawGreenlet } from './raw-greenlet.ts'

/** The operation of `RawGreenlet.switch` and `throw`. */
export class Switch<T> extends OperationBase<T> implements Waiting {
  readonly switchable: boolean = true
  private readonly target: RawGreenlet
  private readonly fails: boolean
  private readonly value: unknown
  private readonly args: readonly unknown[] | null
  private execution: Execution | null = null

  constructor(target: RawGreenlet, fails: boolean, value: unknown, args: readonly unknown[] | null) {
    super()
    this.target = target
    this.fails = fails
    this.value = value
    this.args = args
  }

  next(): IteratorResult<Suspension, T> {
    let { execution } = this
    if (execution !== null) {
      if (execution._waiting !== this) throw usedTwice()
      const value = execution._transfer as T
      execution._waiting = null
      execution._transfer = undefined
      return finished(value)
    }
    if (this.fails && this.target._cancel?.(this.value as Error)) return finished(undefined as T)
    const { target } = this
    if (runtime.inHub && runtime.current === null) {
      // A callback of the hub continues as soon as the target waits again: nobody switches back with a value.
      checkEnterable(target)
      const receiver = this.carry()
      if (receiver !== null) resume(receiver)
      return finished(undefined as T)
    }
    execution = blockingExecution()
    this.execution = execution
    if (target === execution || (target === runtime.main && execution._isMain)) {
      if (this.fails) execution._failure = this.value
      runtime.trace?.(execution, execution)
      if (execution._failure !== NOTHING) throw execution._take()
      return finished(this.value as T)
    }
    checkEnterable(target)
    execution._state = PARKED
    execution._waiting = this
    runtime.next = this.carry()
    return PENDING
  }

  /** Carries the value or error to the target; returns the execution that receives it. */
  private carry(): Execution | null {
    runtime.carriedFailed = this.fails
    runtime.carriedValue = this.value
    runtime.carriedArgs = this.args
    return findReceiver(this.target)
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    if (this.execution !== null) this.execution._waiting = null
    throw error
  }

  abandon(): void {}

  describe(): string {
    return `switch to ${this.target}`
  }
}

function checkEnterable(target: RawGreenlet): void {
  if (target._state === UNSTARTED && typeof target.run !== 'function') throw runMustBeSet()
  if (target._state === RUNNING && target !== runtime.main && target !== runtime.hub) throw runsBelow()
}
