import type { MessagePort } from 'node:worker_threads'
import { makeView, viewType } from './serializer.ts'

/** What may be handed over to another thread, and is then gone here. */
export type Transferable = ArrayBuffer | MessagePort

/** A value that is sent with parts of it handed over. */
export class Transfer {
  readonly value: unknown
  readonly transfers: readonly Transferable[]

  constructor(value: unknown, transfers: readonly Transferable[]) {
    this.value = value
    this.transfers = transfers
  }
}

/** Where a part of a value is that goes beside its bytes. */
export type ExtraPlace = readonly [index: number, type: number, offset: number, byteLength: number]

/** What goes beside the bytes, to a thread of this process: memory that is shared, and what is handed over. */
export class Extras {
  readonly list: unknown[] = []
  /** Those that are handed over. */
  readonly transfers: Transferable[] = []

  /** From now on, these are handed over. */
  handOver(transfers: readonly Transferable[]): void {
    for (const transfer of transfers) if (!this.transfers.includes(transfer)) this.transfers.push(transfer)
  }

  /** The place of an object that goes beside the bytes; `undefined` for one that does not. */
  placeOf(object: object): ExtraPlace | undefined {
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

/** What was at a place. */
export function extraAt(extras: readonly unknown[], [index, type, offset, byteLength]: ExtraPlace): unknown {
  return type < 0 ? extras[index] : makeView(type, extras[index] as ArrayBufferLike, offset, byteLength)
}
