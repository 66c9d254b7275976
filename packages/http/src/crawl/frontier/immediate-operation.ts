import { OperationBase } from '@greenlit/core/engine'

/** An operation that calls a function when it runs, and never waits. */
class ImmediateOperation<T> extends OperationBase<T> {
  private readonly fn: () => T

  constructor(fn: () => T) {
    super()
    this.fn = fn
  }

  next(): IteratorReturnResult<T> {
    return { done: true, value: this.fn() }
  }

  throw(error: unknown): never {
    throw error
  }
}

/** Wraps a synchronous function in an operation. */
export function immediate<T>(fn: () => T): ImmediateOperation<T> {
  return new ImmediateOperation(fn)
}
