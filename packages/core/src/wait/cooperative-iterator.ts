import { DISPOSE } from '../engine/disposal.ts'
import type { Operation } from '../engine/suspension.ts'

/**
 * Iteration that blocks: `yield* iterator.next()` in a coroutine, `each(iterator, function* (item) {...})` for all, or `for await`
 * in plain code.
 *
 * @example
 * const finished = iwait(greenlets)
 * const first = yield* finished.next() // { done: false, value: greenlet }
 */
export abstract class CooperativeIterator<T> {
  /** Waits for the next item. Past the end it keeps saying so. */
  abstract next(): Operation<IteratorResult<T, undefined>>

  /** Ends the iteration early, and frees what it holds. */
  close(): void {}

  /** At the end of a block with `using`: closes it. */
  [DISPOSE](): void {
    this.close()
  }

  /** Iterates in plain code. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return {
      next: async () => await this.next(),
      return: async () => {
        this.close()
        return { done: true, value: undefined }
      },
    }
  }
}
