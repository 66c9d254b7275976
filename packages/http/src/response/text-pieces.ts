import type { CooperativeIterator, Suspension } from '@greenlit/core'
import { incrementalDecoder } from '../encoding/encoding.ts'
import { CoroutineIterator, END, type Step } from './coroutine-iterator.ts'

/** Decodes pieces to text; a character split over two pieces is returned with the later one. */
export class TextPieces extends CoroutineIterator<string> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly decoder: ReturnType<typeof incrementalDecoder>
  private ended = false

  constructor(source: CooperativeIterator<Uint8Array>, encoding: string) {
    super()
    this.source = source
    this.decoder = incrementalDecoder(encoding)
  }

  protected override *produce(): Generator<Suspension, Step<string>, unknown> {
    while (!this.ended) {
      const next = yield* this.source.next()
      this.ended = next.done === true
      const value = next.done ? this.decoder.decode() : this.decoder.decode(next.value, { stream: true })
      if (value !== '') return { done: false, value }
    }
    return END
  }

  protected override onClose(): void {
    this.source.close()
    this.ended = true
  }
}
