import type { CooperativeIterator, Operation } from '@greenlit/core'
import { checkIterable } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseProxy } from './base-proxy.ts'
import { SnapshotIterator } from './snapshot-iterator.ts'

/**
 * A set in a manager's process (Python: what `Manager().set()` returns). Items are told apart as in a JavaScript `Set`, so they should
 * be strings, numbers and the like: an object arrives as a copy, which equals no other.
 *
 * @example
 * const seen = manager.set<string>()
 * yield* seen.add('a')
 * yield* seen.has('a') // true
 */
export class SetProxy<T = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'SetProxy'
  }

  /** Adds an item. */
  add(item: T): Operation<undefined> {
    return this.call('add', item)
  }
  /** Removes an item if it is there. */
  discard(item: T): Operation<undefined> {
    return this.call('discard', item)
  }
  /** Removes an item. Throws {KeyError} if it is not there. */
  remove(item: T): Operation<undefined> {
    return this.call('remove', item)
  }
  /** Removes and returns an item. Throws {KeyError} if the set is empty. */
  pop(): Operation<T> {
    return this.call('pop')
  }
  /** Whether it has an item. */
  has(item: T): Operation<boolean> {
    return this.call('has', item)
  }
  /** The number of items. */
  len(): Operation<number> {
    return this.call('len')
  }
  /** Removes all items. */
  clear(): Operation<undefined> {
    return this.call('clear')
  }
  /** A copy of it. */
  copy(): Operation<Set<T>> {
    return this.call('copy')
  }
  /** Its items and those of others (Python: also `s | t`). */
  union(...others: Iterable<T>[]): Operation<Set<T>> {
    return this.call('union', ...others.map(itemsOf))
  }
  /** Its items that all others have too (Python: also `s & t`). */
  intersection(...others: Iterable<T>[]): Operation<Set<T>> {
    return this.call('intersection', ...others.map(itemsOf))
  }
  /** Its items that no other has (Python: also `s - t`). */
  difference(...others: Iterable<T>[]): Operation<Set<T>> {
    return this.call('difference', ...others.map(itemsOf))
  }
  /** The items that either it or the other has, but not both (Python: also `s ^ t`). */
  symmetricDifference(other: Iterable<T>): Operation<Set<T>> {
    return this.call('symmetricDifference', itemsOf(other))
  }
  /** Adds the items of others (Python: also `s |= t`). */
  update(...others: Iterable<T>[]): Operation<undefined> {
    return this.call('update', ...others.map(itemsOf))
  }
  /** Keeps only the items that all others have too (Python: also `s &= t`). */
  intersectionUpdate(...others: Iterable<T>[]): Operation<undefined> {
    return this.call('intersectionUpdate', ...others.map(itemsOf))
  }
  /** Removes the items of others (Python: also `s -= t`). */
  differenceUpdate(...others: Iterable<T>[]): Operation<undefined> {
    return this.call('differenceUpdate', ...others.map(itemsOf))
  }
  /** Removes the items of the other that it has, and adds the rest of them (Python: also `s ^= t`). */
  symmetricDifferenceUpdate(other: Iterable<T>): Operation<undefined> {
    return this.call('symmetricDifferenceUpdate', itemsOf(other))
  }
  /** Whether it has no item of the other. */
  isdisjoint(other: Iterable<T>): Operation<boolean> {
    return this.call('isdisjoint', itemsOf(other))
  }
  /** Whether the other has all its items. */
  issubset(other: Iterable<T>): Operation<boolean> {
    return this.call('issubset', itemsOf(other))
  }
  /** Whether it has all items of the other. */
  issuperset(other: Iterable<T>): Operation<boolean> {
    return this.call('issuperset', itemsOf(other))
  }

  /** Iterates over its items as they are when the first is read, as does `each(set, ...)` (Python: `for item in s`). */
  iterate(): CooperativeIterator<T> {
    return new SnapshotIterator<T>(() => this.copy())
  }

  /** Iterates over its items with `for await`, in plain code. */
  [Symbol.asyncIterator](): ReturnType<CooperativeIterator<T>[typeof Symbol.asyncIterator]> {
    return this.iterate()[Symbol.asyncIterator]()
  }
}

const itemsOf = <T>(items: Iterable<T>): T[] => checkIterable(items, 'items')

shareClass('SetProxy', SetProxy, ([, node, key]) => new SetProxy(ObjectRef.at(node, key)))
