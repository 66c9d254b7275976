import { BlockingSwitchOutError } from '../errors/hub-errors.ts'
import { Execution } from './execution.ts'
import { loop } from './loop.ts'
import { runtime } from './runtime.ts'
import { DEAD, RUNNING } from './states.ts'
import { resume } from './step.ts'
import type { Operation, Resumable, Suspension } from './suspension.ts'

/**
 * The base of all operations: each is its own iterator, and plain code may await it.
 *
 * @example
 * new Done(42) instanceof OperationBase // true
 */
export abstract class OperationBase<T> implements Operation<T>, Resumable {
  /** @internal */
  abstract next(): IteratorResult<Suspension, T>
  /** @internal */
  abstract throw(error: unknown): IteratorResult<Suspension, T>

  /** Lets `yield*` run it. */
  [Symbol.iterator](): Iterator<Suspension, T, unknown> {
    return this
  }

  /** Lets `await` run it, in plain code. */
  then<R1 = T, R2 = never>(
    onfulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onrejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return awaitOperation<T>(this).then(onfulfilled, onrejected)
  }
}

/** Returns the execution that is about to block; throws where nothing may. */
export function blockingExecution(): Execution {
  const execution = runtime.current
  if (execution === null) throw cannotBlock()
  return execution
}

/** Returns the error for a blocking call where nothing may block. */
export function cannotBlock(): BlockingSwitchOutError {
  return new BlockingSwitchOutError(
    runtime.inHub
      ? 'Expected a hub callback not to block: spawn a greenlet'
      : 'Expected a blocking call in a greenlet of this copy of Greenlit: `yield*` it there, or `await` it in plain code',
  )
}

/** Returns the error for using an operation a second time. */
export function usedTwice(): Error {
  return new Error('Expected an operation to be used once: call the function again')
}

/** A wait of plain code: drives one operation for the plain program, which stays the current greenlet meanwhile. */
class WaitingProgram extends Execution {
  private readonly operation: Resumable
  private readonly resolve: (value: unknown) => void
  private readonly reject: (error: unknown) => void

  constructor(operation: Resumable, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    super(runtime.main)
    this.operation = operation
    this.resolve = resolve
    this.reject = reject
    runtime.programs.add(this)
  }

  override get _isMain(): boolean {
    return true
  }

  _begin(): Resumable {
    this._state = RUNNING
    return this.operation
  }

  _end(failed: boolean, value: unknown): null {
    runtime.programs.delete(this)
    if (failed) this.reject(value)
    else this.resolve(value)
    return null
  }
}

/** Drives an operation from plain code. It starts at once, unless a greenlet or the hub is running. */
export function awaitOperation<T>(operation: Resumable): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const program = new WaitingProgram(operation, resolve as (value: unknown) => void, reject)
    if (runtime.current === null && !runtime.inHub) {
      resume(program)
      if (program._state !== DEAD) loop.wake()
    } else {
      loop.ready(program)
    }
  })
}
