import { withCallLines } from './call-lines.ts'
import { checkCallable } from './check.ts'
import type { Execution, Frame } from './execution.ts'
import { blockingExecution, OperationBase, usedTwice } from './operation.ts'
import { runtime } from './runtime.ts'
import { resumable } from './start.ts'
import { NATIVE, PUSHED } from './states.ts'
import { leaveFrame } from './step.ts'
import {
  type Coroutine,
  finished,
  nextOfGenerator,
  type Operation,
  PENDING,
  type Resumable,
  type Suspension,
} from './suspension.ts'

const FRESH = 0
const RUNNING = 1
const RETURNED = 2
const THREW = 3
const ENDED = 4

/** How many calls may start nested in the native stack before one is left to the step loop to start. */
const MAX_NESTED_STARTS = 128

/**
 * A call of a coroutine function, as an operation. It starts in place, on the native stack. Only if it suspends does it stay as a
 * frame: from then on the step loop resumes the innermost call directly, and its callers stay untouched until it is done.
 *
 * @example
 * const double = (n: number) => new Call(function* (n: number) { yield* sleep(1); return n * 2 }, [n])
 * yield* double(21) // 42
 */
export class Call<A extends unknown[], T> extends OperationBase<T> implements Frame {
  /** @internal */
  callerGenerator: Resumable | null = null
  /** @internal */
  callerFrame: Frame | null = null
  /** @internal */
  callerIsNative = false
  private readonly fn: (...args: A) => Resumable
  private readonly args: A
  private phase = FRESH
  private outcome: unknown = undefined

  constructor(fn: (...args: A) => Resumable, args: A) {
    super()
    this.fn = fn
    this.args = args
  }

  /** @internal */
  next(): IteratorResult<Suspension, T> {
    if (this.phase !== FRESH) {
      if (this.phase !== RETURNED) throw usedTwice()
      this.phase = ENDED
      return finished(this.outcome as T)
    }
    const execution = blockingExecution()
    this.phase = ENDED
    let generator = this.fn.apply(undefined, this.args)
    const isNative = generator?.next === nextOfGenerator
    if (!isNative) generator = resumable(generator)
    this.phase = RUNNING
    this.callerGenerator = execution._generator
    this.callerFrame = execution._frame
    this.callerIsNative = (execution._flags & NATIVE) !== 0
    execution._generator = generator
    execution._frame = this
    if (isNative) execution._flags |= NATIVE
    else execution._flags &= ~NATIVE
    if (runtime.depth === MAX_NESTED_STARTS) {
      execution._state = PUSHED
      return PENDING
    }
    return this.startInPlace(execution, generator)
  }

  private startInPlace(execution: Execution, generator: Resumable): IteratorResult<Suspension, T> {
    const depth = runtime.depth
    runtime.depth = depth + 1
    let result: IteratorResult<unknown, unknown>
    try {
      result = generator.next()
    } catch (error) {
      runtime.depth = depth
      this.leave(execution)
      throw error
    }
    runtime.depth = depth
    if (result.done) this.leave(execution)
    return result as IteratorResult<Suspension, T>
  }

  /** @internal Raises in the caller what this call threw, or the kill of a call that never began. */
  throw(error: unknown): IteratorResult<Suspension, T> {
    const failed = this.phase === THREW
    this.phase = ENDED
    throw failed ? withCallLines(error, this.throw) : error
  }

  /** @internal */
  complete(failed: boolean, value: unknown): boolean {
    this.phase = failed ? THREW : RETURNED
    this.outcome = failed ? undefined : value
    return false
  }

  private leave(execution: Execution): void {
    leaveFrame(execution, this)
    this.phase = ENDED
  }
}

/**
 * Wraps a coroutine function so that its calls cost the same however deep they nest: a resume goes straight to the innermost
 * call, and recursion is bounded by the heap, not by the stack. A plain `function*` works everywhere too; wrap the ones that nest
 * deeply or suspend often.
 *
 * @param fn the coroutine function; it gets the `this` of its call
 * @throws {TypeError} at once, if `fn` is not a function
 * @example
 * const depth = coroutine(function* (levels: number): Coroutine<number> {
 *   yield* sleep(0)
 *   return levels === 0 ? 0 : 1 + (yield* depth(levels - 1))
 * })
 */
export function coroutine<A extends unknown[], T>(fn: (...args: A) => Coroutine<T>): (...args: A) => Operation<T> {
  checkCallable(fn, 'fn')
  return function (this: unknown, ...args) {
    return new Call<A, T>((this === undefined ? fn : fn.bind(this)) as (...args: A) => Resumable, args)
  }
}
