import { OperationBase } from '@greenlit/core/engine'

/** An operation that does something when it is used, without waiting. */
class Act<T> extends OperationBase<T> {
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

/** What a function does, as an operation. */
export function act<T>(fn: () => T): Act<T> {
  return new Act(fn)
}
