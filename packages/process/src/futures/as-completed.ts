import type { CooperativeIterator } from '@greenlit/core'
import { type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { TimeoutError } from '../errors/process-error.ts'
import { Backlog } from '../shared/backlog.ts'
import { checkFutures } from './check-futures.ts'
import type { Future } from './future.ts'
import { FutureIterator } from './future-iterator.ts'

class CompletedFutures<F extends Future<unknown>> extends FutureIterator<F> {
  readonly name = 'asCompleted'
  private readonly total: number
  private readonly pending = new Set<F>()
  private readonly completed = new Backlog<F>()
  private readonly onDone = (future: unknown): void => {
    this.pending.delete(future as F)
    this.completed.push(future as F)
    this.notify()
  }

  constructor(futures: ReadonlySet<F>, timeout: unknown) {
    super(timeout)
    this.total = futures.size
    for (const future of futures) {
      if (future.done()) {
        this.completed.push(future)
      } else {
        this.pending.add(future)
        future.rawlink(this.onDone)
      }
    }
  }

  ready(): { value: IteratorResult<F, undefined> } | undefined {
    if (this.completed.size > 0) return { value: { done: false, value: this.completed.shift() } }
    return this.pending.size === 0 ? { value: { done: true, value: undefined } } : undefined
  }

  protected putBack(future: F, order: number): void {
    this.completed.giveBack(future, '', order)
  }

  protected timeoutError(): Error {
    return new TimeoutError(`${this.pending.size} (of ${this.total}) futures unfinished`)
  }

  protected release(): void {
    for (const future of this.pending) future.unlink(this.onDone)
    this.pending.clear()
    this.completed.clear()
  }
}

/**
 * Yields futures in the order in which they complete, including cancelled ones (concurrent.futures.as_completed). Futures that are
 * already done come first; duplicates are yielded once.
 *
 * @param futures the futures, of any executors
 * @param options `timeout`: milliseconds for the whole iteration, counted from this call; unlimited by default
 * @throws {TypeError} immediately, if an item is not a future; {TimeoutError} from `next`, when the timeout expires
 * @example
 * yield* each(asCompleted(futures, { timeout: 60_000 }), function* (future) {
 *   console.log(yield* future.result())
 * })
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: { timeout?: TimeLimit } = {},
): CooperativeIterator<F> {
  return new CompletedFutures<F>(checkFutures(futures), timeoutOf(options))
}
