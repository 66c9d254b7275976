import { TimeoutError } from '../errors/process-error.ts'
import type { Outcome } from '../pool/outcome.ts'
import type { Future } from './future.ts'
import { FutureIterator } from './future-iterator.ts'

/** The results of `Executor.map`, in order. The first error ends them, and so does the end of the time; what is left is cancelled. */
export class MapResults<T> extends FutureIterator<T> {
  readonly name = 'Executor.map'
  private readonly chunks: (Future<readonly Outcome[]> | undefined)[] = []
  private turn = 0
  /** The results of a chunk; the last is the next. */
  private outcomes: Outcome[] = []

  add(chunk: Future<readonly Outcome[]>): void {
    this.chunks.push(chunk)
    // Those that are cancelled for want of interest are nobody's turn.
    chunk.addDoneCallback(() => {
      if (chunk === this.chunks[this.turn]) this.tell()
    })
  }

  ready(): { value: IteratorResult<T, undefined> } | undefined {
    try {
      while (this.outcomes.length === 0) {
        const chunk = this.chunks[this.turn]
        if (chunk === undefined) return { value: { done: true, value: undefined } }
        if (!chunk.done()) return undefined
        this.chunks[this.turn] = undefined
        this.turn += 1
        this.outcomes = [...chunk.take()].reverse()
      }
      const [failed, value] = this.outcomes.pop()!
      if (failed) throw value
      return { value: { done: false, value: value as T } }
    } catch (error) {
      this.drop()
      throw error
    }
  }

  protected putBack(value: T): void {
    this.outcomes.push([false, value])
  }

  protected late(): Error {
    return new TimeoutError('The results have not all come in time')
  }

  protected drop(): void {
    this.outcomes = []
    for (const chunk of this.chunks.splice(0)) chunk?.cancel()
    this.turn = 0
  }
}
