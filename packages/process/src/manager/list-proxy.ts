import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { Place } from '../tree/place.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A list in a manager's process (Python: what `Manager().list()` gives). What it gives are copies, unless they are proxies. Indexes
 * below 0 count from the end.
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

  /** The item at an index. Throws {RangeError} outside of it. */
  get(index: number): Operation<T> {
    return this.call('get', index)
  }
  /** Sets the item at an index. Throws {RangeError} outside of it. */
  set(index: number, item: T): Operation<undefined> {
    return this.call('set', index, item)
  }
  /** Takes the item at an index out. Throws {RangeError} outside of it. */
  delete(index: number): Operation<undefined> {
    return this.call('delete', index)
  }
  /** How many items it has. */
  len(): Operation<number> {
    return this.call('len')
  }
  /** Whether it has an item like this one. */
  has(item: T): Operation<boolean> {
    return this.call('has', item)
  }
  /** Adds an item at the end. */
  append(item: T): Operation<undefined> {
    return this.call('append', item)
  }
  /** Adds items at the end. */
  extend(items: readonly T[]): Operation<undefined> {
    return this.call('extend', items)
  }
  /** Adds an item in front of that at an index. */
  insert(index: number, item: T): Operation<undefined> {
    return this.call('insert', index, item)
  }
  /** Takes the item at an index out, by default the last, and gives it. Throws {RangeError} outside of it. */
  pop(index = -1): Operation<T> {
    return this.call('pop', index)
  }
  /** Where the first item like this one is. Throws {RangeError} without one. */
  index(item: T): Operation<number> {
    return this.call('index', item)
  }
  /** Takes the first item like this one out. Throws {RangeError} without one. */
  remove(item: T): Operation<undefined> {
    return this.call('remove', item)
  }
  /** How many items are like this one. */
  count(item: T): Operation<number> {
    return this.call('count', item)
  }
  /** Turns it around. */
  reverse(): Operation<undefined> {
    return this.call('reverse')
  }
  /** Sorts it, by `<`. */
  sort(): Operation<undefined> {
    return this.call('sort')
  }
  /** Takes everything out. */
  clear(): Operation<undefined> {
    return this.call('clear')
  }
  /** All of it. */
  copy(): Operation<T[]> {
    return this.call('copy')
  }
  /** A part of it, as of an array. */
  slice(start?: number, end?: number): Operation<T[]> {
    return this.call('slice', start, end)
  }
  /** All of it with more behind (Python: `l + items`). */
  concat(items: readonly T[]): Operation<T[]> {
    return this.call('concat', items)
  }
  /** All of it several times (Python: `l * times`). */
  repeat(times: number): Operation<T[]> {
    return this.call('repeat', times)
  }
  /** Goes over its items one by one, as they are by then. */
  iterate(): CooperativeIterator<T> {
    return new ListIterator<T>(this)
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
      // A part, unlike an item, may be of length 0: so the end is told from an item that is `undefined`.
      const part = yield* iterator.list.slice(iterator.index, iterator.index + 1)
      iterator.index += 1
      if (part.length > 0) return { done: false, value: part[0] as T }
      iterator.ended = true
    }
    return { done: true, value: undefined }
  }
}

shareClass('ListProxy', ListProxy, ([, node, object]) => new ListProxy(Place.at(node, object)))
