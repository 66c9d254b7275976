import { KeyError } from '@greenlit/process'
import type { FileObject } from './file-object.ts'
import { numberIn, type SelectorKey } from './selector-key.ts'

/**
 * What is registered with a selector, by number, as it changes. It is only for looking at (Python: the mapping of get_map).
 */
export class SelectorMap<D = unknown> implements Iterable<[fd: number, key: SelectorKey<D>]> {
  private readonly registered: ReadonlyMap<number, SelectorKey<D>>

  constructor(registered: ReadonlyMap<number, SelectorKey<D>>) {
    this.registered = registered
  }

  /** How many are registered. */
  get size(): number {
    return this.registered.size
  }

  /**
   * The key of a file object or number.
   *
   * @throws {KeyError} if it is not registered; {RangeError} if it is no file object
   */
  get(fileobj: FileObject): SelectorKey<D> {
    const number = numberIn(this.registered, fileobj)
    const found = this.registered.get(number)
    if (found === undefined) throw new KeyError(`${number} is not registered`)
    return found
  }

  /** Whether a file object or number is registered. */
  has(fileobj: FileObject): boolean {
    return this.registered.has(numberIn(this.registered, fileobj))
  }

  /** The numbers. */
  keys(): IterableIterator<number> {
    return this.registered.keys()
  }

  /** The keys. */
  *values(): Generator<SelectorKey<D>, undefined> {
    yield* this.registered.values()
  }

  /** Numbers and keys. */
  *entries(): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    yield* this.registered.entries()
  }

  [Symbol.iterator](): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    return this.entries()
  }
}
