import { OperationBase } from './operation.ts'
import { finished, type Suspension } from './suspension.ts'

/**
 * An operation that is already complete.
 *
 * @example
 * const answer = (): Operation<number> => new Done(42)
 * yield* answer() // 42
 */
export class Done<T = undefined> extends OperationBase<T> {
  private readonly value: T

  constructor(...value: undefined extends T ? [value?: T] : [value: T]) {
    super()
    this.value = value[0] as T
  }

  next(): IteratorResult<Suspension, T> {
    return finished(this.value)
  }

  throw(error: unknown): IteratorResult<Suspension, T> {
    throw error
  }
}
