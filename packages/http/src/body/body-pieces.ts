import { attempt, type Operation, type Suspension, spawn } from '@greenlit/core'
import { Call, Done, Reader, show } from '@greenlit/core/engine'
import type { PieceSource } from '../engine/engine.ts'
import { type BodyPart, bytesOf } from './body-content.ts'

/** Reads the parts of a body piece by piece. A generator may block (`yield*`) between its pieces. */
export class BodyPieces implements PieceSource {
  readonly #parts: readonly BodyPart[]
  #index = 0
  #current: Reader | undefined

  constructor(parts: readonly BodyPart[]) {
    this.#parts = parts
  }

  /** Waits for the next piece, never empty; `undefined` at the end. Throws the errors of the source. */
  next(): Operation<Uint8Array | undefined> {
    return new Call<[], Uint8Array | undefined>(() => this.#take(), [])
  }

  *#take(): Generator<Suspension, Uint8Array | undefined, unknown> {
    for (;;) {
      if (this.#current === undefined) {
        const part = this.#parts[this.#index]
        if (part === undefined) return undefined
        this.#index++
        if (part instanceof Uint8Array) {
          if (part.length > 0) return part
          continue
        }
        this.#current = new Reader(part())
      }
      const { done, value } = this.#current.tryRead() ?? (yield* this.#current.read())
      if (done) {
        this.#current = undefined
        continue
      }
      const bytes = bytesOf(value)
      if (bytes === undefined)
        throw new TypeError(`Expected a piece of the body to be bytes or text, got ${show(value)}`)
      if (bytes.length > 0) return bytes
    }
  }

  /**
   * Ends an iterator that was started. An error that it throws at that point is ignored, as there is no caller to report it to.
   *
   * @returns an operation that waits for the `finally` blocks of a generator
   */
  close(): Operation<unknown> {
    const reader = this.#current
    this.#current = undefined
    this.#index = this.#parts.length
    // In a greenlet of its own, as a `finally` block may block, and must run even if nobody waits for it.
    return reader === undefined ? new Done(undefined) : spawn(() => attempt(reader.close()))
  }
}
