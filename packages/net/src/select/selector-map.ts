import { show } from '@greenlit/core/engine'
import { KeyError } from '@greenlit/process'
import type { Pollable } from '../socket/description.ts'
import type { FileObject } from './file-object.ts'
import { numberIn, type SelectorKey } from './selector-key.ts'

/** A key, and what it stands for. */
export interface Registration<D> {
  readonly key: SelectorKey<D>
  readonly pollable: Pollable
}

/**
 * What is registered with a selector, by number, as it changes. It is only for looking at (Python: the mapping of get_map).
 */
export class SelectorMap<D = unknown> implements Iterable<[fd: number, key: SelectorKey<D>]> {
  private readonly registrations: ReadonlyMap<number, Registration<D>>

  constructor(registrations: ReadonlyMap<number, Registration<D>>) {
    this.registrations = registrations
  }

  /** How many are registered. */
  get size(): number {
    return this.registrations.size
  }

  /**
   * The key of a file object or number.
   *
   * @throws {KeyError} if it is not registered; {RangeError} if it is no file object
   */
  get(fileobj: FileObject): SelectorKey<D> {
    const found = this.registrations.get(numberIn(this.registrations, fileobj))
    if (found === undefined) throw new KeyError(`${show(fileobj)} is not registered`)
    return found.key
  }

  /** Whether a file object or number is registered. */
  has(fileobj: FileObject): boolean {
    return this.registrations.has(numberIn(this.registrations, fileobj))
  }

  /** The numbers. */
  keys(): IterableIterator<number> {
    return this.registrations.keys()
  }

  /** The keys. */
  *values(): Generator<SelectorKey<D>, undefined> {
    for (const { key } of this.registrations.values()) yield key
  }

  /** Numbers and keys. */
  *entries(): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    for (const [fd, { key }] of this.registrations) yield [fd, key]
  }

  [Symbol.iterator](): Generator<[fd: number, key: SelectorKey<D>], undefined> {
    return this.entries()
  }
}
