import { OperationBase } from './operation.ts'
import { finished, type Suspension } from './suspension.ts'

/** An operation with nothing left to wait for. */
export class Done extends OperationBase<undefined> {
  next(): IteratorResult<Suspension, undefined> {
    return finished(undefined)
  }

  throw(error: unknown): IteratorResult<Suspension, undefined> {
    throw error
  }
}
