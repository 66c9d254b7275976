import type { Operation } from '@greenlit/core'
import { shareClass } from '../codec/shared.ts'
import { Place } from '../tree/place.ts'
import { BaseProxy } from './base-proxy.ts'

/**
 * A dict in a manager's process (Python: what `Manager().dict()` gives). What it gives are copies: `(yield* d.get('x')).push(1)`
 * changes nothing there, unless it is a proxy itself.
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

  /** The value of a key, or else `fallback`. */
  get(key: K): Operation<V | undefined>
  get<F>(key: K, fallback: F): Operation<V | F>
  get(key: K, fallback?: unknown): Operation<unknown> {
    return this.call('get', key, fallback)
  }
  /** The value of a key (Python: `d[key]`). Throws {KeyError} without one. */
  getitem(key: K): Operation<V> {
    return this.call('getitem', key)
  }
  /** Sets the value of a key. */
  set(key: K, value: V): Operation<undefined> {
    return this.call('set', key, value)
  }
  /** Takes a key out; answers whether it was there. */
  delete(key: K): Operation<boolean> {
    return this.call('delete', key)
  }
  /** Whether it has a key. */
  has(key: K): Operation<boolean> {
    return this.call('has', key)
  }
  /** How many keys it has. */
  len(): Operation<number> {
    return this.call('len')
  }
  /** Its keys, in the order in which they came. */
  keys(): Operation<K[]> {
    return this.call('keys')
  }
  /** Its values. */
  values(): Operation<V[]> {
    return this.call('values')
  }
  /** Its keys with their values. */
  items(): Operation<[K, V][]> {
    return this.call('items')
  }
  /** All of it. */
  copy(): Operation<Map<K, V>> {
    return this.call('copy')
  }
  /** Takes everything out. */
  clear(): Operation<undefined> {
    return this.call('clear')
  }
  /** Takes a key out and gives its value, or else `fallback`. Throws {KeyError} without either. */
  pop(key: K, ...fallback: [fallback: V] | []): Operation<V> {
    return this.call('pop', key, ...fallback)
  }
  /** Takes the last key out and gives it with its value. Throws {KeyError} if there is none. */
  popitem(): Operation<[K, V]> {
    return this.call('popitem')
  }
  /** The value of a key, which is set to `value` if there is none. */
  setdefault(key: K, value: V): Operation<V> {
    return this.call('setdefault', key, value)
  }
  /** Sets many keys. */
  update(entries: ReadonlyMap<K, V> | readonly (readonly [K, V])[] | Record<string, V>): Operation<undefined> {
    return this.call('update', entries)
  }
}

shareClass('DictProxy', DictProxy, ([, node, object]) => new DictProxy(Place.at(node, object)))
