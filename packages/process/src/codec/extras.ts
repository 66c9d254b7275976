import type { MessagePort } from 'node:worker_threads'
import { makeView, viewType } from './serializer.ts'

/** What can be transferred to another thread; it is unusable here afterwards. */
export type Transferable = ArrayBuffer | MessagePort

/** A value to be sent, some parts of which are transferred rather than copied. */
export class Transfer {
  readonly value: unknown
  readonly transfers: readonly Transferable[]

  constructor(value: unknown, transfers: readonly Transferable[]) {
    this.value = value
    this.transfers = transfers
  }
}

/**
 * Describes a part of a value that is sent out of band: its index among the extras and, for a view, the type, offset and length.
 */
export type ExtraRef = readonly [index: number, type: number, offset: number, byteLength: number]

/**
 * The parts of a value that are sent out of band, beside its bytes, to another thread of this process: shared memory, and what is
 * transferred.
 */
export class Extras {
  readonly list: unknown[] = []
  /** Those that are transferred rather than shared. */
  readonly transfers: Transferable[] = []

  /** Adds objects to transfer. */
  addTransfers(transfers: readonly Transferable[]): void {
    for (const transfer of transfers) if (!this.transfers.includes(transfer)) this.transfers.push(transfer)
  }

  /** Describes an object that is sent out of band; `undefined` for one that is not. */
  refTo(object: object): ExtraRef | undefined {
    if (!ArrayBuffer.isView(object)) return this.isExtra(object) ? [this.indexOf(object), -1, 0, 0] : undefined
    if (!this.isExtra(object.buffer)) return undefined
    return [this.indexOf(object.buffer), viewType(object), object.byteOffset, object.byteLength]
  }

  private isExtra(object: object): boolean {
    return object instanceof SharedArrayBuffer || this.transfers.includes(object as Transferable)
  }

  private indexOf(extra: object): number {
    const index = this.list.indexOf(extra)
    return index >= 0 ? index : this.list.push(extra) - 1
  }
}

/** Returns the object that a description stands for. */
export function extraAt(extras: readonly unknown[], [index, type, offset, byteLength]: ExtraRef): unknown {
  return type < 0 ? extras[index] : makeView(type, extras[index] as ArrayBufferLike, offset, byteLength)
}
