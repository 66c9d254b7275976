import type { Operation, Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { MemoryReference, SharedMemory, type SharedMemoryOptions } from './shared-memory.ts'
import { checkFits, type TypeCode, type ValueOf } from './type-code.ts'

/**
 * A number in memory shared between processes (Python: multiprocessing.Value): a write by one process is visible to all others at
 * once, and neither reads nor writes wait. The memory is gone when the process that made it ends.
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
   * @param value its initial value. Default zero
   * @param options see `SharedMemoryOptions`
   * @throws {TypeError} for an unknown type code or a value of the wrong type; {RangeError} for a value out of the type's range
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

  /** Its current value. */
  get value(): ValueOf<C> {
    return this.format.read(this.file.readFew(0, this.format.size), 0) as ValueOf<C>
  }

  set value(value: ValueOf<C>) {
    checkFits(this.format, this.typecode, value)
    this.file.writeFew(0, this.format.size, (bytes) => this.format.write(bytes, 0, value as never))
  }

  /** Its current value, as an operation that never waits: the same call as for a value of a `Manager`. */
  get(): Operation<ValueOf<C>> {
    return new Call<[Value<C>], ValueOf<C>>(getValue, [this]) as Operation<ValueOf<C>>
  }

  /** Sets its value, as an operation that never waits. Throws {TypeError} or {RangeError} if the value does not fit the type. */
  set(value: ValueOf<C>): Operation<undefined> {
    return new Call<[Value<C>, ValueOf<C>], undefined>(setValue, [this, value]) as Operation<undefined>
  }
}

function* getValue<C extends TypeCode>(value: Value<C>): Generator<Suspension, ValueOf<C>, unknown> {
  return value.value
}

function* setValue<C extends TypeCode>(value: Value<C>, to: ValueOf<C>): Generator<Suspension, undefined, unknown> {
  value.value = to
  return undefined
}

shareClass('Value', Value, (reference) => new Value(new MemoryReference(reference)))
