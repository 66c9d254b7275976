import { CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { pack } from '../codec/payload.ts'
import { shareClass } from '../codec/shared.ts'
import { SharedObject } from '../shared/shared-object.ts'
import { Place } from '../tree/place.ts'

/** What stands, in any process, for an object in a manager's process (Python: multiprocessing.managers.BaseProxy). */
export class BaseProxy extends SharedObject {
  protected get kind(): string {
    return 'BaseProxy'
  }

  /**
   * Calls a method of the object.
   *
   * @param method its name
   * @param args its arguments: whatever can be sent, and other proxies
   * @throws what the method throws; {ProcessDiedError} if the manager is gone
   */
  call<T = unknown>(method: string, ...args: unknown[]): Operation<T> {
    return this.ask<T>(method, [], { payload: () => pack(args, this.place.node) })
  }
}

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

/** The methods of an object as they are called from elsewhere: all of them are operations. */
export type Proxied<T> = BaseProxy & {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Operation<Outcome<R>>
    : never
}

type Outcome<R> = R extends Generator<Suspension, infer T, unknown> ? T : globalThis.Awaited<R>

/** Lets any method be called by its name, for objects of classes that only the manager's process knows. */
export function methodsOf<T>(proxy: BaseProxy): Proxied<T> {
  return new Proxy(proxy, {
    get(target, key) {
      // Nothing that has a `then` can be given by a coroutine or promise unchanged.
      if (typeof key !== 'string' || key in target || key === 'then') return Reflect.get(target, key, target) as unknown
      return (...args: unknown[]) => target.call(key, ...args)
    },
  }) as Proxied<T>
}

/** A value in a manager's process (Python: what `Manager().Value()` gives). */
export class ValueProxy<T = unknown> extends BaseProxy {
  protected override get kind(): string {
    return 'ValueProxy'
  }

  /** What it is now. */
  get(): Operation<T> {
    return this.call('get', 'value')
  }
  /** Sets it. */
  set(value: T): Operation<undefined> {
    return this.call('set', 'value', value)
  }
}

/**
 * Names with values in a manager's process (Python: what `Manager().Namespace()` gives).
 *
 * @example
 * const settings = manager.Namespace({ depth: 3 })
 * yield* settings.set('depth', 4)
 * yield* settings.get('depth') // 4
 */
export class NamespaceProxy extends BaseProxy {
  protected override get kind(): string {
    return 'NamespaceProxy'
  }

  /** The value of a name. Throws {ReferenceError} without one. */
  get<T = unknown>(name: string): Operation<T> {
    return this.call('get', name)
  }
  /** Sets the value of a name. */
  set(name: string, value: unknown): Operation<undefined> {
    return this.call('set', name, value)
  }
  /** Takes a name out. Throws {ReferenceError} without it. */
  delete(name: string): Operation<undefined> {
    return this.call('delete', name)
  }
  /** All names with their values. */
  copy(): Operation<Record<string, unknown>> {
    return this.call('copy')
  }
}

shareClass('BaseProxy', BaseProxy, ([, node, object]) => methodsOf(new BaseProxy(Place.at(node, object))))
shareClass('DictProxy', DictProxy, ([, node, object]) => new DictProxy(Place.at(node, object)))
shareClass('ListProxy', ListProxy, ([, node, object]) => new ListProxy(Place.at(node, object)))
shareClass('ValueProxy', ValueProxy, ([, node, object]) => new ValueProxy(Place.at(node, object)))
shareClass('NamespaceProxy', NamespaceProxy, ([, node, object]) => new NamespaceProxy(Place.at(node, object)))
