import { KeyError } from '@greenlit/process'
import type { FileObject } from './file-object.ts'
import { numberIn, type SelectorKey } from './selector-key.ts'

/** A live, read-only view of a selector's keys by descriptor number (Python: the mapping that get_map returns). */
export class SelectorMap<D = unknown> implements Iterable<[fd: number, key: SelectorKey<D>]> {
  private readonly registered: ReadonlyMap<number, SelectorKey<D>>

  constructor(registered: ReadonlyMap<number, SelectorKey<D>>) {
    this.registered = registered
  }

  /** The number of registered sockets. */
  get size(): number {
    return this.registered.size
  }

  /**
   * Returns the key of a file object or descriptor number.
   *
   * @throws {KeyError} if it is not registered; {RangeError} if it is not a file object
   */
  get(fileobj: FileObject): SelectorKey<D> {
    const number = numberIn(this.registered, fileobj)
    const found = this.registered.get(number)
    if (found === undefined) throw new KeyError(`${number} is not registered`)
    return found
  }

  /** Whether a file object or descriptor number is registered. */
  has(fileobj: FileObject): boolean {
    return this.registered.has(numberIn(this.registered, fileobj))
  }

  /** The descriptor numbers. */
  keys(): IterableIterator<number> {
    return this.registered.keys()
  }

  /** The keys. */
  *values(): Generator<SelectorKey<D>, undefined> {
    yield* this.registered.values()
  }

  /** Pairs of descriptor number and key. */
  *entries(): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    yield* this.registered.entries()
  }

  /** Calls a function with each key, its descriptor number and this map. */
  forEach(callback: (key: SelectorKey<D>, fd: number, map: SelectorMap<D>) => void): void {
    for (const [fd, key] of this.registered) callback(key, fd, this)
  }

  [Symbol.iterator](): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    return this.entries()
  }
}
