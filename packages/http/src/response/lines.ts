import type { CooperativeIterator, Suspension } from '@greenlit/core'
import { incrementalDecoder } from '../encoding/encoding.ts'
import { END, MadeIterator, type Step } from './made-iterator.ts'

/** A carriage return at the very end may be half of a line end. */
const LINE_END = /\r\n|\n|\r(?!$)/

/** Lines of text without their ends; a character, and a line end, may be split over pieces. */
export class Lines extends MadeIterator<string> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly decoder: { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string }
  private readonly delimiter: string | RegExp
  private lines: string[] = []
  private at = 0
  private rest = ''
  private ended = false

  /** @param delimiter what divides the lines. Default: any line end */
  constructor(source: CooperativeIterator<Uint8Array>, encoding: string, delimiter: string | undefined) {
    super()
    this.source = source
    this.decoder = incrementalDecoder(encoding)
    this.delimiter = delimiter ?? LINE_END
  }

  protected override *make(): Generator<Suspension, Step<string>, unknown> {
    while (this.at === this.lines.length && !this.ended) {
      const next = yield* this.source.next()
      this.ended = next.done === true
      this.split(this.rest + (next.done ? this.decoder.decode() : this.decoder.decode(next.value, { stream: true })))
    }
    if (this.at === this.lines.length) return END
    const value = this.lines[this.at]!
    this.at += 1
    return { done: false, value }
  }

  private split(text: string): void {
    this.lines = text.split(this.delimiter)
    this.at = 0
    this.rest = this.lines.pop()!
    if (!this.ended || this.rest === '') return
    this.lines.push(this.delimiter === LINE_END ? this.rest.replace(/\r$/, '') : this.rest)
  }

  override close(): void {
    this.source.close()
  }
}
