import type { Operation } from '@greenlit/core'
import { checkOptions, show, type TimeLimit } from '@greenlit/core/engine'
import { referenceTo, reviveShared, type Shareable, type SharedReference } from '../codec/shared.ts'
import { RLock } from '../sync/r-lock.ts'
import { type Held, Lock, type SharedAcquireOptions } from '../sync/semaphore.ts'
import { tree } from '../tree/tree.ts'
import { MemoryFile } from './memory-file.ts'
import { type Format, formatOf, type TypeCode } from './type-code.ts'

/** Options of shared memory. */
export interface SharedMemoryOptions {
  /** The lock that guards it: a lock of your own, or `false` for none. Default a new `RLock`. */
  lock?: Lock | RLock | boolean | undefined
}

/** Shared memory received from another process. */
export class MemoryReference {
  readonly file: MemoryFile
  readonly node: string
  readonly typecode: TypeCode
  readonly lock: Lock | RLock | undefined
  readonly length: number

  constructor([, node, number, path, typecode, length, lock]: SharedReference) {
    this.node = node
    this.file = MemoryFile.open(path as string, number as number)
    this.typecode = typecode as TypeCode
    this.length = length as number
    this.lock = lock === null ? undefined : (reviveShared(lock as SharedReference) as unknown as Lock | RLock)
  }
}

/** The base class of `Value` and `Array`: the memory, its type and its lock. */
export abstract class SharedMemory implements Shareable {
  protected readonly file: MemoryFile
  protected readonly format: Format
  /** The type of the values. */
  readonly typecode: TypeCode
  private readonly node: string
  private readonly lock: Lock | RLock | undefined
  protected readonly count: number

  /** @internal */
  constructor(typecode: TypeCode | MemoryReference, count: number, options?: SharedMemoryOptions) {
    if (typecode instanceof MemoryReference) {
      ;({ file: this.file, node: this.node, typecode: this.typecode, lock: this.lock, length: this.count } = typecode)
      this.format = formatOf(this.typecode)
    } else {
      this.format = formatOf(typecode)
      this.typecode = typecode
      this.node = tree.id
      this.lock = lockOf(checkOptions(options).lock)
      this.count = count
      this.file = MemoryFile.make(count * this.format.size)
    }
  }

  protected abstract get kind(): string

  /** @internal */
  toReference(destination: string | undefined): SharedReference {
    const lock = this.lock === undefined ? null : referenceTo(this.lock, destination)
    return [this.kind, this.node, this.file.number, this.file.share(), this.typecode, this.count, lock]
  }

  /** @internal Node prints it as text, without its inner parts. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  toString(): string {
    return `<${this.kind} of type ${this.typecode}>`
  }

  /**
   * The lock that guards the memory. Reads and writes do not take it by themselves: hold it around a change that depends on the
   * present value.
   *
   * @throws {Error} if it has none
   */
  getLock(): Lock | RLock {
    if (this.lock === undefined) throw new Error('Expected it to have a lock: it was made without one')
    return this.lock
  }

  /** Acquires its lock; see the lock's own `acquire`. */
  acquire(options?: SharedAcquireOptions): Operation<boolean> {
    return this.getLock().acquire(options)
  }

  /** Releases its lock. */
  release(): Operation<number> {
    return this.getLock().release()
  }

  /** Holds its lock for a block: `using held = yield* value.hold()`. */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return this.getLock().hold(options)
  }
}

function lockOf(lock: unknown): Lock | RLock | undefined {
  if (lock === undefined || lock === true) return new RLock()
  if (lock === false) return undefined
  if (lock instanceof Lock || lock instanceof RLock) return lock
  throw new TypeError(`Expected \`lock\` to be a Lock or RLock between processes, true or false, got ${show(lock)}`)
}
