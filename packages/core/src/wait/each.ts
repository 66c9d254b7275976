import { Call } from '../engine/call.ts'
import { checkCallable, wrongType } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import { isResumable, type Operation, type Suspension } from '../engine/suspension.ts'
import type { CooperativeIterator } from './cooperative-iterator.ts'

/** An iterator that `each` can consume. */
export interface BlockingIterator<T> {
  next(): Operation<IteratorResult<T, unknown>>
  close?(): void
}

/**
 * Runs a function for each item of a blocking iterator, one at a time. The iterator is closed at the end, even if the function throws
 * or the greenlet is killed.
 *
 * @param iterator a blocking iterator, or a queue
 * @param fn takes an item and its index; a coroutine function or a plain one
 * @throws whatever the iterator or `fn` throws; {TypeError} immediately if `iterator` cannot be iterated or `fn` is not a function
 * @example
 * yield* each(queue, function* (item) {
 *   yield* handle(item)
 * })
 */
export function each<T>(
  iterator: BlockingIterator<T> | { iterate(): CooperativeIterator<T> },
  fn: (item: T, index: number) => unknown,
): Operation<undefined> {
  checkCallable(fn, 'fn')
  const given = iterator as Partial<BlockingIterator<T> & { iterate(): CooperativeIterator<T> }> | undefined | null
  const source = given?.iterate?.() ?? given
  // The `next` of a generator, async or not, returns no operation.
  if (typeof source?.next !== 'function' || isResumable(source)) {
    throw wrongType('iterator', 'a blocking iterator or a queue', iterator)
  }
  return new Call<[BlockingIterator<T>, (item: T, index: number) => unknown], undefined>(run, [
    source as BlockingIterator<T>,
    fn,
  ])
}

function* run<T>(
  iterator: BlockingIterator<T>,
  fn: (item: T, index: number) => unknown,
): Generator<Suspension, undefined, unknown> {
  try {
    for (let index = 0; ; index += 1) {
      const next = yield* iterator.next()
      if (next.done) return undefined
      const result = fn(next.value, index)
      if (typeof result === 'object' && result !== null) yield* drive(result)
    }
  } finally {
    iterator.close?.()
  }
}
