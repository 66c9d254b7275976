import type { BodyTarget } from './chunked-reader.ts'

/** Reads a body out of what a connection gives. `ChunkedReader` is another. */
export interface BodyReader {
  /** Whether the end was read. */
  readonly isDone: boolean
  /** Whether the end of the connection is that of the body. */
  readonly mayEnd: boolean
  /** Reads on; answers how far it came: to the end of `bytes`, or of the body. */
  read(bytes: Buffer, from: number, target: BodyTarget): number
}

/** Reads a body of a length that was told, or one that lasts until the connection ends: its length is infinite. */
export class MeasuredReader implements BodyReader {
  private left: number

  constructor(length: number) {
    this.left = length
  }

  get isDone(): boolean {
    return this.left === 0
  }

  get mayEnd(): boolean {
    return this.left === Infinity
  }

  read(bytes: Buffer, from: number, target: BodyTarget): number {
    const end = Math.min(bytes.length, from + this.left)
    this.left -= end - from
    // Most of the time there is nothing but the body.
    target.push(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end))
    return end
  }
}
