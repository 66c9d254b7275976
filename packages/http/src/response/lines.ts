import type { CooperativeIterator, Suspension } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import { incrementalDecoder } from '../encoding/encoding.ts'
import { CoroutineIterator, END, type Step } from './coroutine-iterator.ts'

/** A carriage return at the very end may be the first half of a CR LF. */
const LINE_END = /\r\n|\n|\r(?!$)/
const END_SIGN = /[\r\n]/

/** Lines of text without their line ends. A character or a line end may be split over two pieces. */
export class Lines extends CoroutineIterator<string> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly decoder: { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string }
  private readonly delimiter: string | RegExp
  private lines: string[] = []
  private at = 0
  /** The text since the last line end; `tail` is the end of it, in which a delimiter may have begun. */
  private rest = ''
  private tail = ''
  private readonly reach: number
  private ended = false

  /** @param delimiter the line separator. Default: any line end */
  constructor(source: CooperativeIterator<Uint8Array>, encoding: string, delimiter: string | undefined) {
    super()
    this.source = source
    this.decoder = incrementalDecoder(encoding)
    this.delimiter = delimiter ?? LINE_END
    this.reach = (delimiter?.length ?? 2) - 1
  }

  protected override *produce(): Generator<Suspension, Step<string>, unknown> {
    while (this.at === this.lines.length && !this.ended) {
      const next = yield* this.source.next()
      this.ended = next.done === true
      this.take(next.done ? this.decoder.decode() : this.decoder.decode(next.value, { stream: true }))
    }
    if (this.at === this.lines.length) return END
    const value = this.lines[this.at]!
    this.at += 1
    return { done: false, value }
  }

  private take(text: string): void {
    const { delimiter, reach } = this
    const fresh = this.tail + text
    this.tail = reach > 0 ? fresh.slice(-reach) : ''
    this.rest += text
    // Only the new text is searched: searching all of a long line again with each piece would take quadratic time.
    if (!this.ended && !(typeof delimiter === 'string' ? fresh.includes(delimiter) : END_SIGN.test(fresh))) return
    this.lines = this.rest.split(delimiter)
    this.at = 0
    this.rest = this.lines.pop()!
    if (!this.ended || this.rest === '') return
    this.lines.push(this.delimiter === LINE_END ? this.rest.replace(/\r$/, '') : this.rest)
  }

  protected override onClose(): void {
    this.source.close()
    this.ended = true
    this.lines = []
    this.at = 0
  }
}

/** Checks a `delimiter` option before anything is read. */
export function checkDelimiter(delimiter: unknown): string | undefined {
  if (delimiter === undefined || delimiter === null) return undefined
  if (typeof delimiter === 'string' && delimiter !== '') return delimiter
  throw new TypeError(`Expected \`delimiter\` to be text that is not empty, got ${show(delimiter)}`)
}
