import { DISPOSE } from '../engine/disposal.ts'
import { Done } from '../engine/done.ts'
import type { Operation } from '../engine/suspension.ts'

/**
 * The type of an item in a `for await` loop. The loop does not await items that are greenlets or promises, but TypeScript assumes that
 * it does; removing `then` from their type prevents that.
 */
export type Unawaited<T> = T extends PromiseLike<unknown> ? Omit<T, 'then'> : T

/**
 * An iterator that blocks. Use `yield* iterator.next()` in a coroutine, `each(iterator, function* (item) {...})` for all items, or
 * `for await` in plain code.
 *
 * @example
 * const finished = iwait(greenlets)
 * const first = yield* finished.next() // { done: false, value: greenlet }
 */
export abstract class CooperativeIterator<T> {
  /** Waits for the next item. After the end, every call returns `done: true`. */
  abstract next(): Operation<IteratorResult<T, undefined>>

  /** Ends the iteration early and releases its resources, at once: the operation returned is already complete. */
  close(): Operation<undefined> {
    this.onClose()
    return new Done()
  }

  /** What `close` does, however often it is called: by default nothing. */
  protected onClose(): void {}

  /** Closes the iterator at the end of a `using` block. */
  [DISPOSE](): void {
    this.close()
  }

  /** Iterates in plain code with `for await`. Items that are greenlets or promises are not awaited. */
  [Symbol.asyncIterator](): AsyncIterator<Unawaited<T>, undefined> {
    return {
      next: async () => this.next() as Operation<never>,
      return: async () => {
        this.close()
        return { done: true, value: undefined }
      },
    }
  }
}
