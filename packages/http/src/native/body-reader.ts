import type { BodyTarget } from './chunked-reader.ts'

/** Extracts a body from the bytes of a connection. `ChunkedReader` is another implementation. */
export interface BodyReader {
  /** Whether the end of the body has been read. */
  readonly isDone: boolean
  /** Whether the body ends where the connection does. */
  readonly mayEnd: boolean
  /** Reads on; returns where it stopped: at the end of `bytes`, or of the body. */
  read(bytes: Buffer, from: number, target: BodyTarget): number
}

/** Reads a body of a declared length, or, with a length of `Infinity`, one that lasts until the connection ends. */
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
    // Usually the bytes hold nothing but the body.
    target.push(from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end))
    return end
  }
}
