import { TimeoutError } from '../errors/process-error.ts'
import type { Outcome } from '../pool/outcome.ts'
import { Backlog } from '../shared/backlog.ts'
import { Future } from './future.ts'
import { FutureIterator } from './future-iterator.ts'

/** The results of `Executor.map`, in order. The first error, or the timeout, ends the iteration and cancels the remaining calls. */
export class MapResults<T> extends FutureIterator<T> {
  readonly name = 'Executor.map'
  private readonly chunks: (Future<readonly Outcome[]> | undefined)[] = []
  private nextChunk = 0
  /** Schedules the chunks that were held back; `undefined` if there are no more. */
  private heldBack: Iterator<Future<readonly Outcome[]>> | undefined
  /** The outcomes of the completed chunks that have not been handed out yet. */
  private readonly outcomes = new Backlog<Outcome>()

  /** @param chunks schedules each chunk when it is asked for it */
  constructor(timeout: unknown, chunks?: Iterator<Future<readonly Outcome[]>>) {
    super(timeout)
    this.heldBack = chunks
  }

  /** Adds the next of the chunks that were held back. Returns whether there was one. */
  addNext(): boolean {
    const next = this.heldBack?.next()
    if (next === undefined || next.done) return false
    this.add(next.value)
    return true
  }

  /** Like `addNext`, but an error of the items' source takes the place of the chunk, so that the results before it are not lost. */
  private replenish(): void {
    try {
      this.addNext()
    } catch (error) {
      const failed = new Future<readonly Outcome[]>()
      failed.setException(error)
      this.heldBack = undefined
      this.add(failed)
    }
  }

  add(chunk: Future<readonly Outcome[]>): void {
    this.chunks.push(chunk)
    // Only the next chunk in order can wake a waiting greenlet. Chunks that `release` cancels are no longer in the list.
    chunk.addDoneCallback(() => {
      if (chunk === this.chunks[this.nextChunk]) this.notify()
    })
  }

  ready(): { value: IteratorResult<T, undefined> } | undefined {
    try {
      while (this.outcomes.size === 0) {
        const chunk = this.chunks[this.nextChunk]
        if (chunk === undefined) return { value: { done: true, value: undefined } }
        if (!chunk.done()) return undefined
        this.chunks[this.nextChunk] = undefined
        this.nextChunk += 1
        this.replenish()
        for (const outcome of chunk.take()) this.outcomes.push(outcome)
      }
      const [failed, value] = this.outcomes.shift()
      if (failed) throw value
      return { value: { done: false, value: value as T } }
    } catch (error) {
      this.release()
      throw error
    }
  }

  protected putBack(value: T, order: number): void {
    this.outcomes.giveBack([false, value], '', order)
  }

  /** An undelivered error is kept for the next call: it has already ended the map for everyone else who waited. */
  giveBackError(error: unknown, order: number): void {
    if (!this.isClosed) this.outcomes.giveBack([true, error], '', order)
  }

  protected timeoutError(): Error {
    return new TimeoutError('The results have not all come in time')
  }

  protected release(): void {
    this.outcomes.clear()
    this.heldBack?.return?.()
    this.heldBack = undefined
    for (const chunk of this.chunks.splice(0)) chunk?.cancel()
  }
}
