import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkIterable, checkOptions } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A list in a manager's process (Python: what `Manager().list()` returns). Items are returned as copies, unless they are proxies.
 * Negative indexes count from the end.
 *
 * @example
 * const log = manager.list<string>()
 * yield* log.append('begun')
 * yield* log.copy() // ['begun']
 */
export class ListProxy<T = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'ListProxy'
  }

  /** The item at an index. Throws {RangeError} if the index is out of range. */
  get(index: number): Operation<T> {
    return this.call('get', index)
  }
  /** Sets the item at an index. Throws {RangeError} if the index is out of range. */
  set(index: number, item: T): Operation<undefined> {
    return this.call('set', index, item)
  }
  /** Removes the item at an index. Throws {RangeError} if the index is out of range. */
  delete(index: number): Operation<undefined> {
    return this.call('delete', index)
  }
  /** The number of items. */
  len(): Operation<number> {
    return this.call('len')
  }
  /** Whether it has an item (deeply) equal to this one. */
  has(item: T): Operation<boolean> {
    return this.call('has', item)
  }
  /** Appends an item. */
  append(item: T): Operation<undefined> {
    return this.call('append', item)
  }
  /** Appends several items. */
  extend(items: Iterable<T>): Operation<undefined> {
    return this.call('extend', checkIterable(items, 'items'))
  }
  /** Inserts an item before an index. */
  insert(index: number, item: T): Operation<undefined> {
    return this.call('insert', index, item)
  }
  /** Removes and returns the item at an index, by default the last. Throws {RangeError} if the index is out of range. */
  pop(index = -1): Operation<T> {
    return this.call('pop', index)
  }
  /** The index of the first item equal to this one, from `start` up to `end` if given. Throws {RangeError} if there is none. */
  index(item: T, start?: number, end?: number): Operation<number> {
    return this.call('index', item, start, end)
  }
  /** Removes the first item equal to this one. Throws {RangeError} if there is none. */
  remove(item: T): Operation<undefined> {
    return this.call('remove', item)
  }
  /** The number of items equal to this one. */
  count(item: T): Operation<number> {
    return this.call('count', item)
  }
  /** Reverses it in place. */
  reverse(): Operation<undefined> {
    return this.call('reverse')
  }
  /** Sorts it in place, by `<`, or with `reverse` by `>`. */
  sort(options: { reverse?: boolean | undefined } = {}): Operation<undefined> {
    return this.call('sort', checkOptions(options).reverse === true)
  }
  /** Removes all items. */
  clear(): Operation<undefined> {
    return this.call('clear')
  }
  /** A copy of it. */
  copy(): Operation<T[]> {
    return this.call('copy')
  }
  /** A copy of part of it, as `Array.prototype.slice` returns. */
  slice(start?: number, end?: number): Operation<T[]> {
    return this.call('slice', start, end)
  }
  /** A copy of it with more items appended (Python: `l + items`). */
  concat(items: Iterable<T>): Operation<T[]> {
    return this.call('concat', checkIterable(items, 'items'))
  }
  /** A copy of it, repeated (Python: `l * times`). */
  repeat(times: number): Operation<T[]> {
    return this.call('repeat', times)
  }
  /** Iterates over its items, reading each one when its turn comes. */
  iterate(): CooperativeIterator<T> {
    return new ListIterator<T>(this)
  }

  /** Iterates over its items with `for await`, in plain code. */
  [Symbol.asyncIterator](): ReturnType<CooperativeIterator<T>[typeof Symbol.asyncIterator]> {
    return this.iterate()[Symbol.asyncIterator]()
  }
}

class ListIterator<T> extends CooperativeIterator<T> {
  private readonly list: ListProxy<T>
  private index = 0
  private ended = false

  constructor(list: ListProxy<T>) {
    super()
    this.list = list
  }

  next(): Operation<IteratorResult<T, undefined>> {
    return new Call<[ListIterator<T>], IteratorResult<T, undefined>>(ListIterator.step, [this])
  }

  private static *step<T>(iterator: ListIterator<T>): Generator<Suspension, IteratorResult<T, undefined>, unknown> {
    if (!iterator.ended) {
      // A slice, rather than the item: its length tells the end of the list from an item that is `undefined`.
      const part = yield* iterator.list.slice(iterator.index, iterator.index + 1)
      iterator.index += 1
      if (part.length > 0) return { done: false, value: part[0] as T }
      iterator.ended = true
    }
    return { done: true, value: undefined }
  }

  protected override onClose(): void {
    this.ended = true
  }
}

shareClass('ListProxy', ListProxy, ([, node, key]) => new ListProxy(ObjectRef.at(node, key)))
