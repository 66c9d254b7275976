import { withCallLines } from '../engine/call-lines.ts'
import { checkDuration, checkOptions } from '../engine/check.ts'
import type { Execution, Waiting } from '../engine/execution.ts'
import { loop } from '../engine/loop.ts'
import { awaitOperation, blockingExecution, OperationBase, usedTwice } from '../engine/operation.ts'
import { NOTHING, PARKED, READY, YIELDED } from '../engine/states.ts'
import { DONE_WITH_NOTHING, type Operation, PENDING, type Resumable, type Suspension } from '../engine/suspension.ts'
import { TimerNode } from '../engine/timers.ts'

/**
 * Moves the greenlet to the end of the run queue. That needs no state of its own, so all calls share one operation. All it keeps
 * of a greenlet is a bit: recording which one waits, and comparing that, took a quarter of the switch.
 */
class Yield extends OperationBase<undefined> {
  next(): IteratorResult<Suspension, undefined> {
    const execution = blockingExecution()
    const { _flags: flags } = execution
    if ((flags & YIELDED) !== 0) {
      execution._flags = flags & ~YIELDED
      return DONE_WITH_NOTHING
    }
    execution._flags = flags | YIELDED
    execution._state = READY
    loop.ready(execution)
    return PENDING
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    blockingExecution()._flags &= ~YIELDED
    throw error
  }
}

const yieldTurn = new Yield()

/** A sleep is its own timer: one object per call. */
class Sleep extends TimerNode implements Operation<undefined>, Resumable, Waiting {
  private readonly duration: number
  private execution: Execution | null = null
  private woken = false

  constructor(duration: number, ref: boolean) {
    super()
    this.ref = ref
    this.duration = duration
  }

  [Symbol.iterator](): Iterator<Suspension, undefined, unknown> {
    return this
  }

  then<R1 = undefined, R2 = never>(
    onfulfilled?: ((value: undefined) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaitOperation<undefined>(this).then(onfulfilled, onrejected)
  }

  next(): IteratorResult<Suspension, undefined> {
    if (this.woken) {
      this.woken = false
      return DONE_WITH_NOTHING
    }
    if (this.execution !== null) throw usedTwice()
    const execution = blockingExecution()
    this.execution = execution
    execution._waiting = this
    execution._state = PARKED
    if (this.duration !== Infinity) loop.addTimer(this, this.duration)
    return PENDING
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    this.woken = false
    this.execution!._waiting = null
    this.abandon()
    throw withCallLines(error, this.throw)
  }

  fire(): void {
    const execution = this.execution!
    if (execution._failure !== NOTHING) return
    this.woken = true
    execution._waiting = null
    execution._state = READY
    loop.ready(execution)
  }

  abandon(): void {
    loop.timers.cancel(this)
  }

  describe(): string {
    return `sleep(${this.duration})`
  }
}

/**
 * Suspends the current greenlet for a while and lets others run (gevent: sleep). `sleep(0)` moves it to the end of the run queue;
 * a loop of such calls starves neither timers nor I/O. Equal deadlines wake in order.
 *
 * @param milliseconds how long; 0 or less only yields to the other greenlets. Default 0
 * @param options `ref`: whether the sleep keeps the program alive, default true
 * @throws {TypeError} at once, if `milliseconds` is not a number
 * @example
 * yield* sleep(100)
 */
export function sleep(milliseconds = 0, options?: { ref?: boolean | undefined }): Operation<undefined> {
  return checkDuration(milliseconds, 'milliseconds') > 0
    ? new Sleep(milliseconds, checkOptions(options).ref ?? true)
    : yieldTurn
}
