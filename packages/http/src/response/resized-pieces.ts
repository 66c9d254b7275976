import type { CooperativeIterator, Suspension } from '@greenlit/core'
import { CoroutineIterator, END, type Step } from './coroutine-iterator.ts'

/** Bytes already in memory, as a single piece. */
export class MemoryPieces extends CoroutineIterator<Uint8Array> {
  private bytes: Uint8Array | undefined

  constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes.length === 0 ? undefined : bytes
  }

  protected override *produce(): Generator<Suspension, Step<Uint8Array>, unknown> {
    const value = this.bytes
    this.bytes = undefined
    return value === undefined ? END : { done: false, value }
  }

  protected override onClose(): void {
    this.bytes = undefined
  }
}

/** Pieces cut and joined to one size; only the last one may be shorter. */
export class ResizedPieces extends CoroutineIterator<Uint8Array> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly size: number
  private held: Uint8Array[] = []
  private length = 0
  private ended = false

  constructor(source: CooperativeIterator<Uint8Array>, size: number) {
    super()
    this.source = source
    this.size = size
  }

  protected override *produce(): Generator<Suspension, Step<Uint8Array>, unknown> {
    while (this.length < this.size && !this.ended) {
      const next = yield* this.source.next()
      if (next.done) {
        this.ended = true
      } else {
        this.held.push(next.value)
        this.length += next.value.length
      }
    }
    if (this.length === 0) return END
    const all = this.held.length === 1 ? this.held[0]! : Buffer.concat(this.held, this.length)
    const value = all.subarray(0, this.size)
    this.length = all.length - value.length
    this.held = this.length === 0 ? [] : [all.subarray(this.size)]
    return { done: false, value }
  }

  protected override onClose(): void {
    this.source.close()
    this.ended = true
    this.held = []
    this.length = 0
  }
}
