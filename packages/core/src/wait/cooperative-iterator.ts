import { DISPOSE } from '../engine/disposal.ts'
import type { Operation } from '../engine/suspension.ts'

/**
 * What `for await` gives of an item. It gives a greenlet or a promise itself, and does not await it, though TypeScript takes it that
 * it does; so these are shown without the `then` that makes it think so.
 */
export type Unawaited<T> = T extends PromiseLike<unknown> ? Omit<T, 'then'> : T

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

  /** Iterates in plain code; an item that is a greenlet or a promise is given as it is, not awaited. */
  [Symbol.asyncIterator](): AsyncIterator<Unawaited<T>, undefined> {
    return {
      next: async () => (await this.next()) as IteratorResult<Unawaited<T>, undefined>,
      return: async () => {
        this.close()
        return { done: true, value: undefined }
      },
    }
  }
}
