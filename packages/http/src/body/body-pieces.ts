import { type Operation, type Suspension, until } from '@greenlit/core'
import { Call, show } from '@greenlit/core/engine'
import type { PieceSource } from '../engine/engine.ts'
import { isPromiseLike } from '../is-promise-like.ts'
import { type BodyPart, bytesOf, type PieceIterable } from './body-content.ts'

type PieceIterator = Iterator<Uint8Array | string> | AsyncIterator<Uint8Array | string>

/**
 * Reads the parts of a body piece by piece. `close` ends an iterator that was started; an error it throws at that point is ignored, as
 * there is no caller to report it to.
 */
export class BodyPieces implements PieceSource {
  readonly #parts: readonly BodyPart[]
  #index = 0
  #current: PieceIterator | undefined

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
        this.#current = iteratorOf(part())
      }
      const answer = this.#current.next()
      const { done, value } = isPromiseLike(answer) ? yield* until(answer) : answer
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

  close(): void {
    const iterator = this.#current
    this.#current = undefined
    this.#index = this.#parts.length
    try {
      const ended = iterator?.return?.()
      if (isPromiseLike(ended)) ended.then(undefined, () => {})
    } catch {
      // Ignored, like the rejection above.
    }
  }
}

function iteratorOf(iterable: PieceIterable): PieceIterator {
  return Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]()
}
