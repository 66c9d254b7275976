import { Call } from '../engine/call.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import { ShutDown } from './errors.ts'
import type { SimpleQueue } from './simple-queue.ts'
import { StopIteration } from './stop-iteration.ts'

/** The type of a queue's items without `StopIteration`, which ends the iteration. */
export type ItemOf<T> = Exclude<T, typeof StopIteration>

/** Takes items from a queue as they arrive, up to `StopIteration` or a shutdown. */
export class QueueIterator<T> extends CooperativeIterator<ItemOf<T>> {
  private readonly queue: SimpleQueue<T>
  private ended = false

  constructor(queue: SimpleQueue<T>) {
    super()
    this.queue = queue
  }

  next(): Operation<IteratorResult<ItemOf<T>, undefined>> {
    return new Call<[], IteratorResult<ItemOf<T>, undefined>>(() => this.step(), [])
  }

  private *step(): Generator<Suspension, IteratorResult<ItemOf<T>, undefined>, unknown> {
    try {
      if (!this.ended) {
        const item = yield* this.queue.get()
        if (item !== StopIteration) return { done: false, value: item as ItemOf<T> }
      }
    } catch (error) {
      if (!(error instanceof ShutDown)) throw error
    }
    this.ended = true
    return { done: true, value: undefined }
  }

  protected override onClose(): void {
    this.ended = true
  }
}
