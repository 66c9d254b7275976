import type { CooperativeIterator, Operation } from '@greenlit/core'
import { shareClass } from '../codec/shared.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseProxy } from './base-proxy.ts'
import { checkEntries, type Entries } from './entries.ts'
import { SnapshotIterator } from './snapshot-iterator.ts'

/**
 * A dict in a manager's process (Python: what `Manager().dict()` returns). Values are returned as copies, unless they are proxies, so
 * `(yield* d.get('x')).push(1)` changes nothing in the dict.
 *
 * @example
 * const scores = manager.dict<string, number>()
 * yield* scores.set('ada', 1)
 * yield* scores.items() // [['ada', 1]]
 */
export class DictProxy<K = unknown, V = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'DictProxy'
  }

  /** The value of a key, or `fallback` if the key is missing. */
  get(key: K): Operation<V | undefined>
  get<F>(key: K, fallback: F): Operation<V | F>
  get(key: K, fallback?: unknown): Operation<unknown> {
    return this.call('get', key, fallback)
  }
  /** The value of a key (Python: `d[key]`). Throws {KeyError} if the key is missing. */
  getitem(key: K): Operation<V> {
    return this.call('getitem', key)
  }
  /** Sets the value of a key. */
  set(key: K, value: V): Operation<undefined> {
    return this.call('set', key, value)
  }
  /** Removes a key; returns whether it was there. */
  delete(key: K): Operation<boolean> {
    return this.call('delete', key)
  }
  /** Whether it has the key. */
  has(key: K): Operation<boolean> {
    return this.call('has', key)
  }
  /** The number of keys. */
  len(): Operation<number> {
    return this.call('len')
  }
  /** Its keys, in insertion order. */
  keys(): Operation<K[]> {
    return this.call('keys')
  }
  /** Its values. */
  values(): Operation<V[]> {
    return this.call('values')
  }
  /** Its entries. */
  items(): Operation<[K, V][]> {
    return this.call('items')
  }
  /** A copy of it. */
  copy(): Operation<Map<K, V>> {
    return this.call('copy')
  }
  /** Removes all keys. */
  clear(): Operation<undefined> {
    return this.call('clear')
  }
  /** Removes a key and returns its value, or `fallback` if the key is missing. Throws {KeyError} if there is no fallback either. */
  pop(key: K, ...fallback: [fallback: V] | []): Operation<V> {
    return this.call('pop', key, ...fallback)
  }
  /** Removes the last key and returns it with its value. Throws {KeyError} if the dict is empty. */
  popitem(): Operation<[K, V]> {
    return this.call('popitem')
  }
  /** The value of a key, after setting it to `value` if the key was missing. */
  setdefault(key: K, value: V): Operation<V> {
    return this.call('setdefault', key, value)
  }
  /** Sets several keys. */
  update(entries: Entries<K, V>): Operation<undefined> {
    return this.call('update', checkEntries(entries))
  }

  /** Iterates over its keys as they are when the first is read, as does `each(dict, ...)` (Python: `for key in d`). */
  iterate(): CooperativeIterator<K> {
    return new SnapshotIterator<K>(() => this.keys())
  }

  /** Iterates over its keys with `for await`, in plain code. */
  [Symbol.asyncIterator](): ReturnType<CooperativeIterator<K>[typeof Symbol.asyncIterator]> {
    return this.iterate()[Symbol.asyncIterator]()
  }
}

shareClass('DictProxy', DictProxy, ([, node, key]) => new DictProxy(ObjectRef.at(node, key)))
