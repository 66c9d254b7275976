import { wrongType } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import { isPending, isThenable, PENDING, type Resumable, type Suspension } from '../engine/suspension.ts'
import { iterate } from '../interop/iterate.ts'
import { CooperativeIterator } from '../wait/cooperative-iterator.ts'

/**
 * The items to map a function over: an array or any other iterable, a generator, which may block (`yield*`) between its items, an
 * async iterable, a queue, or any other blocking iterator, such as the results of another map.
 */
export type Source<T> = Iterable<T> | AsyncIterable<T> | CooperativeIterator<T> | { iterate(): CooperativeIterator<T> }

interface IteratorLike {
  next(): unknown
  throw?(error: unknown): unknown
  return?(): unknown
  close?(): void
}

interface SourceLike extends Partial<IteratorLike> {
  [Symbol.iterator]?(): IteratorLike
  [Symbol.asyncIterator]?(): IteratorLike
  iterate?(): IteratorLike
}

/**
 * Reads the items of a `Source`, waiting for each.
 *
 * @example
 * const reader = new Reader([1, 2])
 * const first = reader.tryRead() ?? (yield* reader.read()) // { done: false, value: 1 }
 */
export class Reader {
  private readonly iterator: IteratorLike
  private readonly isSync: boolean
  private ended = false

  constructor(source: unknown) {
    const iterable = checkSource(source) as SourceLike
    const begin = iterable[Symbol.iterator] ?? iterable.iterate
    this.isSync = iterable[Symbol.iterator] !== undefined
    // What is iterated asynchronously is read with `iterate`, which can close it during a read.
    const isAsync = iterable[Symbol.asyncIterator] !== undefined && !(iterable instanceof CooperativeIterator)
    const other = isAsync ? iterate(iterable as AsyncIterable<unknown>) : (iterable as IteratorLike)
    this.iterator = begin ? begin.call(iterable) : other
  }

  /** Returns the next item if the source has it without blocking; otherwise `null`, and the caller must go on with `read`. */
  tryRead(): IteratorResult<unknown, unknown> | null {
    // A synchronous iterator that throws has ended.
    this.ended = this.isSync
    const result = this.isSync ? this.iterator.next() : PENDING
    return isPending(result) ? null : this.take(result)
  }

  /** Waits for the next item, after `tryRead` returned `null`. */
  *read(): Generator<Suspension, IteratorResult<unknown, unknown>, unknown> {
    const { iterator } = this
    return this.take(
      this.isSync
        ? yield* pull(iterator, () => PENDING)
        : yield* drive<IteratorResult<unknown, unknown>>(iterator.next()),
    )
  }

  private take(result: unknown): IteratorResult<unknown, unknown> {
    if (typeof result !== 'object' || result === null) {
      throw wrongType('items', 'iterator results', result, 'give')
    }
    this.ended = !!(result as IteratorResult<unknown, unknown>).done
    return result as IteratorResult<unknown, unknown>
  }

  /** Closes the source, unless it was read to its end or failed. */
  *close(): Generator<Suspension, undefined, unknown> {
    if (this.ended) return undefined
    this.ended = true
    const { iterator } = this
    if (iterator.close) iterator.close()
    else if (this.isSync && iterator.return) yield* pull(iterator, () => iterator.return!())
    return undefined
  }
}

/** Whether a value can be mapped over. Operations and greenlets cannot: their iterators are for waiting. */
export function isSource(value: unknown): boolean {
  const source = value as SourceLike | undefined | null
  if (isThenable(value)) return false
  const open = source?.[Symbol.iterator] ?? source?.iterate ?? source?.next ?? source?.[Symbol.asyncIterator]
  return typeof open === 'function'
}

/** Checks that a value can be mapped over. */
export function checkSource(value: unknown): unknown {
  if (isSource(value)) return value
  if (isThenable(value))
    throw new TypeError('Expected `items` to be iterable, got what is to be waited for: `yield*` it first')
  throw wrongType('items', 'iterable', value)
}

/** Runs a generator up to its next item. Suspensions that it yields on the way, as blocking calls do, suspend the reader. */
function pull(iterator: IteratorLike, begin: () => unknown): Iterable<Suspension, IteratorResult<unknown, unknown>> {
  let resume = begin
  const settle = (result: unknown) => (isPending(result) ? PENDING : { done: true, value: result })
  const steps: Resumable = {
    next() {
      const step = resume
      resume = () => iterator.next()
      return settle(step())
    },
    throw(error) {
      if (!iterator.throw) throw error
      return settle(iterator.throw(error))
    },
  }
  return drive<IteratorResult<unknown, unknown>>(steps)
}
