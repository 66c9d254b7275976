import { shareClass } from '../codec/shared.ts'
import { MemoryReference, SharedMemory, type SharedMemoryOptions } from './shared-memory.ts'
import { checkFits, type TypeCode, type ValueOf } from './type-code.ts'

/**
 * A number that processes share (Python: multiprocessing.Value): what one writes, all read, at once and without waiting. It is gone
 * with the process that made it.
 *
 * @example
 * const counter = new Value('i', 0)
 * // in each process
 * using held = yield* counter.getLock().hold()
 * counter.value += 1
 */
export class Value<C extends TypeCode = TypeCode> extends SharedMemory {
  /**
   * @param typecode its C type, see `TypeCode`
   * @param value what it is at first. Default zero
   * @param options see `SharedMemoryOptions`
   * @throws {TypeError} for a type that is none; {RangeError} for a value that does not fit it
   */
  constructor(typecode: C, value?: ValueOf<C>, options?: SharedMemoryOptions)
  /** @internal */
  constructor(typecode: C | MemoryReference, value?: ValueOf<C>, options?: SharedMemoryOptions)
  constructor(typecode: C | MemoryReference, value?: ValueOf<C>, options?: SharedMemoryOptions) {
    super(typecode, 1, options)
    if (value !== undefined) this.value = value
  }

  protected get kind(): string {
    return 'Value'
  }

  /** What it is now. */
  get value(): ValueOf<C> {
    return this.format.read(this.file.readFew(0, this.format.size), 0) as ValueOf<C>
  }

  set value(value: ValueOf<C>) {
    checkFits(this.format, this.typecode, value)
    this.file.writeFew(0, this.format.size, (bytes) => this.format.write(bytes, 0, value as never))
  }
}

shareClass('Value', Value, (reference) => new Value(new MemoryReference(reference)))
