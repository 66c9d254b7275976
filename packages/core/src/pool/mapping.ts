import { Call } from '../engine/call.ts'
import { checkCallable, checkCallableIfGiven, checkWhole } from '../engine/check.ts'
import { drive } from '../engine/start.ts'
import { isThenable, type Operation, type Suspension } from '../engine/suspension.ts'
import type { Greenlet } from '../greenlet/greenlet.ts'
import type { Outcome } from '../greenlet/outcome.ts'
import type { GreenletFunction } from '../greenlet/raw-greenlet.ts'
import { captureSpawnSite, type SpawnSite } from '../greenlet/spawn-site.ts'
import type { CooperativeIterator } from '../wait/cooperative-iterator.ts'
import { Applying } from './applying.ts'
import { MappedResults } from './mapped-results.ts'
import { checkSource, isSource, Reader, type Source } from './source.ts'

/** How to map. */
export interface ImapOptions {
  /** How many results may be waiting to be read before nothing new is begun, a whole number. Default, and 0: without bound. */
  maxsize?: number | undefined
}

/** What a mapped function gets of a source's items: not what a generator yields while it blocks. */
export type Item<T> = Exclude<T, Suspension>

/** How functions are run in members: what `Group` and `Pool` share. */
export abstract class Mapping extends Applying {
  /**
   * Runs a function for each item, in members, and gives the results in the order of the items.
   *
   * @param fn takes an item; a coroutine function, or a plain or async one
   * @param items see `Source`
   * @throws the first error, in the order of the items; the others go on. A kill of the caller begins nothing new; so does a
   *   kill of the group, which then is thrown here
   * @example
   * const pages = yield* pool.map(fetchPage, urls)
   */
  map<T, R>(fn: (item: Item<T>) => R, items: Source<T>): Operation<Outcome<R>[]> {
    checkMapped(fn, items)
    const site = captureSpawnSite(this.map)
    return new Call<[], Outcome<R>[]>(() => this.mapped<T, R>(fn, items, site), [])
  }

  /**
   * As `map`, and calls a function with the results before it ends (gevent: map_cb).
   *
   * @param callback takes the results; it may block, and is not called if one failed
   */
  mapCb<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    callback?: (values: Outcome<R>[]) => unknown,
  ): Operation<Outcome<R>[]> {
    checkMapped(fn, items)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.mapCb)
    return new Call<[], Outcome<R>[]>(() => this.mapped<T, R>(fn, items, site, callback), [])
  }

  /**
   * As `map`, in a greenlet of its own; it never waits.
   *
   * @param callback is called with the results before that greenlet ends, not if one failed; it may block
   */
  mapAsync<T, R>(
    fn: (item: Item<T>) => R,
    items: Source<T>,
    callback?: (values: Outcome<R>[]) => unknown,
  ): Greenlet<Outcome<R>[]> {
    checkMapped(fn, items)
    checkCallableIfGiven(callback, 'callback')
    const site = captureSpawnSite(this.mapAsync)
    return this.help(() => this.mapped<T, R>(fn, items, site, callback))
  }

  /**
   * Runs a function for each item, in members, beginning at once, and gives the results one by one in the order of the items.
   * `next()` throws the error of a call that failed, and goes on after it with the others; the error of a source, or a kill of
   * the group, comes after the results of what was begun. With several sources, the function takes an item of each, up to the
   * end of the shortest.
   *
   * @param fn takes an item of each source
   * @param sources see `Source`, and at last the options: `maxsize`
   * @throws {TypeError} at once, if a source cannot be iterated; {RangeError} if `maxsize` is negative
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

  /** As `imap`, but gives the results in the order in which they come. */
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
    const maxsize = checkMaxsize(hasOptions ? (sources.pop() as ImapOptions | undefined)?.maxsize : undefined)
    if (sources.length === 0) throw new TypeError('Expected `items` to be iterable, got nothing')
    const readers = sources.map((source) => new Reader(source))
    return new MappedResults(this, { fn, readers, ordered, maxsize, site })
  }

  private *mapped<T, R>(
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
      if (error !== results.raised) results.close()
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

function checkMaxsize(maxsize: unknown): number | undefined {
  if (maxsize === undefined || maxsize === null || maxsize === 0 || maxsize === Infinity) return undefined
  return checkWhole(maxsize, 'maxsize', 0)
}
