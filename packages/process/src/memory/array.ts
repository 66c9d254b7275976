import { show } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { MemoryReference, SharedMemory, type SharedMemoryOptions } from './shared-memory.ts'
import { checkFits, type TypeCode, type ValueOf } from './type-code.ts'

/** Makes `array[2]` and, as in Python, `array[-1]` work. */
const INDEXED: ProxyHandler<SharedArray<TypeCode>> = {
  get(array, key) {
    if (typeof key === 'string' && /^-?\d+$/.test(key)) return array.get(Number(key))
    return Reflect.get(array, key, array) as unknown
  },
  set(array, key, value) {
    if (typeof key !== 'string' || !/^-?\d+$/.test(key)) return Reflect.set(array, key, value, array)
    array.set(Number(key), value as never)
    return true
  },
}

/**
 * An array of numbers in memory shared between processes (Python: multiprocessing.Array): a write by one process is visible to all
 * others at once, and neither reads nor writes wait. The memory is gone when the process that made it ends.
 *
 * @example
 * const numbers = new Array('d', [1, 2, 3])
 * numbers[0] = 2
 * numbers.slice() // [2, 2, 3]
 */
export class SharedArray<C extends TypeCode = TypeCode> extends SharedMemory {
  [index: number]: ValueOf<C>

  /**
   * @param typecode the C type of the items, see `TypeCode`
   * @param init the number of items, all initially zero, or their initial values; for characters also a string or bytes
   * @param options see `SharedMemoryOptions`
   * @throws {TypeError} for an unknown type code or a value of the wrong type; {RangeError} for a value out of the type's range
   */
  constructor(typecode: C, init: Initial<C>, options?: SharedMemoryOptions)
  /** @internal */
  constructor(typecode: C | MemoryReference, init: Initial<C>, options?: SharedMemoryOptions)
  constructor(typecode: C | MemoryReference, init: Initial<C>, options?: SharedMemoryOptions) {
    const values = typeof init === 'number' ? undefined : listOf<ValueOf<C>>(typecode === 'c' ? textOf(init) : init)
    super(typecode, values?.length ?? checkLength(init), options)
    values?.forEach((value, index) => {
      this.set(index, value)
    })
    // biome-ignore lint/correctness/noConstructorReturn: what is indexed must be a proxy
    return new Proxy(this, INDEXED as unknown as ProxyHandler<this>)
  }

  protected get kind(): string {
    return 'Array'
  }

  /** The number of items. */
  get length(): number {
    return this.count
  }

  /** Returns the item at an index; negative indexes count from the end. Throws {RangeError} if the index is out of range. */
  get(index: number): ValueOf<C> {
    const { size } = this.format
    return this.format.read(this.file.readFew(this.resolveIndex(index) * size, size), 0) as ValueOf<C>
  }

  /**
   * Sets the item at an index; negative indexes count from the end. Throws {RangeError} if the index or the value is out of range,
   * {TypeError} if the value is of the wrong type.
   */
  set(index: number, value: ValueOf<C>): void {
    const { size } = this.format
    checkFits(this.format, this.typecode, value)
    this.file.writeFew(this.resolveIndex(index) * size, size, (bytes) => this.format.write(bytes, 0, value as never))
  }

  /**
   * The text of an array of characters, up to the first null character. Setting it leaves the characters after its end unchanged,
   * except that a null character marks the end.
   *
   * @throws {TypeError} if it is not an array of characters; {RangeError} on setting it to a text that is longer than the array
   */
  get value(): C extends 'c' ? string : never {
    this.checkCharacters()
    const text = this.slice().join('')
    const end = text.indexOf('\0')
    return (end < 0 ? text : text.slice(0, end)) as C extends 'c' ? string : never
  }

  set value(value: C extends 'c' ? string : never) {
    this.checkCharacters()
    const text = textOf(value)
    if (typeof text !== 'string') throw new TypeError(`Expected \`value\` to be a string, got ${show(value)}`)
    if (text.length > this.count)
      throw new RangeError(`Expected \`value\` to have at most ${this.count} characters, got ${text.length}`)
    const characters = text.length < this.count ? `${text}\0` : text
    for (let index = 0; index < characters.length; index += 1) this.set(index, characters[index] as ValueOf<C>)
  }

  private checkCharacters(): void {
    if (this.typecode !== 'c') throw new TypeError(`Expected an array of type 'c', got one of type '${this.typecode}'`)
  }

  private resolveIndex(index: number): number {
    if (typeof index !== 'number') throw new TypeError(`Expected an index to be a whole number, got ${show(index)}`)
    const position = index < 0 ? index + this.count : index
    if (Number.isInteger(position) && position >= 0 && position < this.count) return position
    throw new RangeError(`Expected an index below ${this.count}, got ${show(index)}`)
  }

  /** Returns a copy of part of the array, as `Array.prototype.slice` does. All of it is read at once. */
  slice(start?: number, end?: number): ValueOf<C>[] {
    const { size } = this.format
    const bytes = this.file.read(0, this.count * size)
    const all = globalThis.Array.from(
      { length: this.count },
      (_, index) => this.format.read(bytes, index * size) as ValueOf<C>,
    )
    return all.slice(start, end)
  }

  /** Iterates over a copy of all items. */
  [Symbol.iterator](): IterableIterator<ValueOf<C>> {
    return this.slice()[Symbol.iterator]()
  }
}

/** What an array is made from. */
type Initial<C extends TypeCode> = number | Iterable<ValueOf<C>> | (C extends 'c' ? Uint8Array : never)

/** Returns bytes as text with a character each, and anything else as it is. */
function textOf(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}

function listOf<T>(values: unknown): T[] {
  if (typeof (values as Partial<Iterable<T>> | undefined | null)?.[Symbol.iterator] === 'function')
    return [...(values as Iterable<T>)]
  throw new TypeError(`Expected \`init\` to be a whole number from 0 up or values, got ${show(values)}`)
}

function checkLength(length: unknown): number {
  if (typeof length === 'number' && Number.isInteger(length) && length >= 0) return length
  throw new RangeError(`Expected \`init\` to be a whole number from 0 up or values, got ${show(length)}`)
}

shareClass('Array', SharedArray, (reference) => new SharedArray(new MemoryReference(reference), 0))
