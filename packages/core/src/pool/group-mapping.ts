import { Call } from '../engine/call.ts'
import { checkBound, checkCallable, checkCallableIfGiven } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import { isThenable, type Operation, type Suspension } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import type { GreenletFunction } from '../greenlet/raw-greenlet.ts'
import { captureSpawnSite, type SpawnSite } from '../greenlet/spawn-site.ts'
import type { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import { GroupApply } from './group-apply.ts'
import { MappedResults } from './mapped-results.ts'
import { checkSource, isSource, Reader, type Source } from './source.ts'

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions {
  /**
   * How many results may be unread, a non-negative integer; no further calls are started until one is read. Default, and 0:
   * unbounded.
   */
  maxsize?: number | undefined
}

/** The type of an item that a mapped function takes: without what a generator yields only because it blocks. */
export type Item<T> = Exclude<T, Suspension>

/** Maps functions over sources in members: the `map` methods of `Group` and `Pool`. */
export abstract class GroupMapping extends GroupApply {
  /**
   * Runs a function for each item, in members, and returns the results in the order of the items.
   *
   * @param fn takes an item; a coroutine function, or a plain or async one
   * @param items see `Source`
   * @throws the first error, in the order of the items, once all calls are started; they go on. After a kill of the caller or of the
   *   group no further calls are started; a kill of the group is thrown here
   * @example
   * const pages = yield* pool.map(fetchPage, urls)
   */
  map<T, R>(fn: (item: Item<T>) => R, items: Source<T>): Operation<Outcome<R>[]> {
    checkMapped(fn, items)
    const site = captureSpawnSite(this.map)
    return new Call<[], Outcome<R>[]>(() => this.doMap<T, R>(fn, items, site), [])
  }

  /**
   * Like `map`, but also calls a function with the results before it returns them (gevent: map_cb).
   *
   * @param callback takes the results; may block; not called if a call failed
   */
  mapCb<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    callback?: (values: Outcome<R>[]) => unknown,
  ): Operation<Outcome<R>[]> {
    checkMapped(fn, items)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.mapCb)
    return new Call<[], Outcome<R>[]>(() => this.doMap<T, R>(fn, items, site, callback), [])
  }

  /**
   * Like `map`, but runs in a greenlet of its own, without waiting.
   *
   * @param callback called with the results before that greenlet ends; may block; not called if a call failed
   * @returns a greenlet that ends with the results
   */
  mapAsync<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    callback?: (values: Outcome<R>[]) => unknown,
  ): Greenlet<Outcome<R>[]> {
    checkMapped(fn, items)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.mapAsync)
    return this.spawnHelper(() => this.doMap<T, R>(fn, items, site, callback))
  }

  /**
   * Runs a function for each item, in members, and returns an iterator over the results in the order of the items. The calls start
   * right away, not with the first `next()`. `next()` throws the error of a call that failed and then continues with the other
   * results; the error of a source, or a kill of the group, is thrown after the results of all calls that were started. With several
   * sources, the function takes one item of each, up to the end of the shortest.
   *
   * @param fn takes an item of each source
   * @param sources see `Source`; the last argument may be options: `maxsize`
   * @throws {TypeError} immediately if a source cannot be iterated; {RangeError} if `maxsize` is negative
   * @example
   * yield* each(pool.imap(fetchPage, urls, { maxsize: 10 }), function* (page) {
   *   yield* store(page)
   * })
   */
  imap<T, R>(fn: (item: Item<T>) => R, items: Source<T>, options?: ImapOptions): CooperativeIterator<Outcome<R>>
  imap<T, U, R>(
    fn: (item: Item<T>, second: Item<U>) => R,
    items: Source<T>,
    others: Source<U>,
    options?: ImapOptions,
  ): CooperativeIterator<Outcome<R>>
  imap<T, U, V, R>(
    fn: (item: Item<T>, second: Item<U>, third: Item<V>) => R,
    items: Source<T>,
    others: Source<U>,
    thirds: Source<V>,
    options?: ImapOptions,
  ): CooperativeIterator<Outcome<R>>
  imap<R>(fn: (...items: never[]) => R, ...sources: unknown[]): CooperativeIterator<Outcome<R>> {
    return this.results<R>(fn, sources, true, captureSpawnSite(this.imap))
  }

  /** Like `imap`, but returns the results in the order in which the calls finish. */
  imapUnordered<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    options?: ImapOptions,
  ): CooperativeIterator<Outcome<R>>
  imapUnordered<T, U, R>(
    fn: (item: Item<T>, second: Item<U>) => R,
    items: Source<T>,
    others: Source<U>,
    options?: ImapOptions,
  ): CooperativeIterator<Outcome<R>>
  imapUnordered<T, U, V, R>(
    fn: (item: Item<T>, second: Item<U>, third: Item<V>) => R,
    items: Source<T>,
    others: Source<U>,
    thirds: Source<V>,
    options?: ImapOptions,
  ): CooperativeIterator<Outcome<R>>
  imapUnordered<R>(fn: (...items: never[]) => R, ...sources: unknown[]): CooperativeIterator<Outcome<R>> {
    return this.results<R>(fn, sources, false, captureSpawnSite(this.imapUnordered))
  }

  private results<R>(
    fn: GreenletFunction,
    sources: unknown[],
    ordered: boolean,
    site: SpawnSite | null,
  ): MappedResults<Outcome<R>> {
    checkCallable(fn, 'fn')
    const last = sources[sources.length - 1]
    const hasOptions = sources.length > 1 && (last === undefined || isOptions(last))
    const maxsize = checkBound(hasOptions ? (sources.pop() as ImapOptions | undefined)?.maxsize : undefined, 'maxsize')
    checkSource(sources[0])
    const readers = sources.map((source) => new Reader(source))
    return new MappedResults(this, { fn, readers, ordered, maxsize, site })
  }

  private *doMap<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    site: SpawnSite | null,
    callback?: (values: Outcome<R>[]) => unknown,
  ): Generator<Suspension, Outcome<R>[], unknown> {
    const results = this.results<R>(fn, [items], true, site)
    const values: Outcome<R>[] = []
    try {
      for (;;) {
        const result = yield* results.take()
        if (result.done) break
        values.push(result.value)
      }
    } catch (error) {
      try {
        // As in gevent, a failed call keeps no other one from being started before the error is thrown.
        if (error === results.raised) yield* results.feeder.join()
      } finally {
        results.close()
      }
      throw error
    }
    if (callback) yield* drive(callback(values))
    return values
  }
}

function isOptions(value: unknown): value is ImapOptions {
  return typeof value === 'object' && !isSource(value) && !isThenable(value)
}

function checkMapped(fn: unknown, items: unknown): void {
  checkCallable(fn, 'fn')
  checkSource(items)
}
