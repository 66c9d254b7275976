import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'

/** The result of `next`. */
export type Step<T> = IteratorResult<T, undefined>
export const END: Step<never> = { done: true, value: undefined }

/** An iterator that makes each item in a coroutine. */
export abstract class CoroutineIterator<T> extends CooperativeIterator<T> {
  next(): Operation<Step<T>> {
    return new Call<[], Step<T>>(() => this.produce(), [])
  }

  protected abstract produce(): Generator<Suspension, Step<T>, unknown>
}
