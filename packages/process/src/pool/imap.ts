import { CooperativeIterator, type Operation } from '@greenlit/core'
import { runCallback, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { TimeoutError } from '../errors/process-error.ts'
import { Backlog } from '../shared/backlog.ts'
import { ExternalWait, throwOnExpiry, type WaitSource } from '../wait/external-wait.ts'
import type { Outcome } from './outcome.ts'
import type { Task } from './pool-worker.ts'

/** The pool, as an iterator uses it. */
interface ChunkRunner {
  /** Hands a chunk to a worker. */
  submit(chunk: readonly unknown[], onEnd: (outcomes: readonly Outcome[]) => void): Task
  /** Drops a chunk, unless a worker has begun it. */
  drop(task: Task): void
  /** Announces that there are no more chunks. */
  end(): void
}

/** How many chunks per worker may be begun before their results are read. */
const AHEAD = 4

const expired = throwOnExpiry(() => new TimeoutError('The next result has not come in time'))

/**
 * The iterator that `imap` and `imapUnordered` return.
 *
 * @example
 * const results = pool.imap<number>(target, numbers)
 * const first = yield* results.next({ timeout: 5_000 }) // { done: false, value }
 */
export class PoolIterator<T> extends CooperativeIterator<T> implements WaitSource<IteratorResult<T, undefined>> {
  /** @internal */
  readonly name = 'PoolIterator.next'
  private readonly items: Iterator<unknown>
  private readonly chunksize: number
  private readonly ordered: boolean
  private readonly maxAhead: number
  private readonly runner: ChunkRunner
  private readonly tasks = new Set<Task>()
  private readonly waits = new Set<ExternalWait<IteratorResult<T, undefined>>>()
  /** The results that arrived out of order, by chunk number. */
  private readonly early = new Map<number, readonly Outcome[]>()
  /** The results that can be read, by chunk. */
  private readonly chunks: (readonly Outcome[])[] = []
  /** The rest of the chunk that is being read. */
  private readonly taken = new Backlog<Outcome>()
  private waiting = 0
  private begun = 0
  private turn = 0
  private ended = 0
  private exhausted = false
  private closed = false
  /** The error thrown by the iterable of items, which ends the iteration. */
  private inputError: { readonly error: unknown } | undefined = undefined

  /** @internal */
  constructor(items: Iterator<unknown>, chunksize: number, ordered: boolean, workers: number, runner: ChunkRunner) {
    super()
    this.items = items
    this.chunksize = chunksize
    this.ordered = ordered
    this.maxAhead = workers * AHEAD
    this.runner = runner
    this.begin()
  }

  /**
   * Waits for the next result.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @throws the error of the call, or of the iterable of items; {TimeoutError} on expiry: no result is lost
   */
  next(options: { timeout?: TimeLimit } = {}): Operation<IteratorResult<T, undefined>> {
    return new ExternalWait(this, timeoutOf(options), expired)
  }

  /**
   * How many chunks have been begun. Chunks whose results wait for an earlier one count too, or one slow chunk would let all others
   * run ahead.
   */
  private get ahead(): number {
    return this.begun - (this.ordered ? this.turn : this.ended)
  }

  private exhaust(): void {
    if (this.exhausted) return
    this.exhausted = true
    this.runner.end()
  }

  /** Begins as many chunks as may be ahead. */
  private begin(): void {
    while (!this.exhausted && this.ahead < this.maxAhead && this.waiting < this.maxAhead * this.chunksize) {
      const chunk = this.takeChunk()
      if (chunk.length === 0) return
      const number = this.begun
      this.begun += 1
      let task: Task | undefined
      let hasEnded = false
      task = this.runner.submit(chunk, (outcomes) => {
        hasEnded = true
        if (task !== undefined) this.tasks.delete(task)
        this.arrived(number, chunk.length, outcomes)
      })
      if (!hasEnded) this.tasks.add(task)
    }
  }

  /** Takes the next items. If the iterable throws in the middle of a chunk, the items of that chunk are dropped, as in Python. */
  private takeChunk(): unknown[] {
    const chunk: unknown[] = []
    try {
      while (chunk.length < this.chunksize) {
        const next = this.items.next()
        if (next.done) {
          this.exhaust()
          break
        }
        chunk.push(next.value)
      }
    } catch (error) {
      this.exhaust()
      this.inputError = { error }
      return []
    }
    return chunk
  }

  private arrived(number: number, length: number, outcomes: readonly Outcome[]): void {
    if (this.closed) return
    // A chunk that failed as a whole has a single outcome, which stands for all of its items.
    const all = outcomes.length === length ? outcomes : Array.from({ length }, () => outcomes[0]!)
    this.ended += 1
    if (this.ordered) {
      this.early.set(number, all)
      for (let next = this.early.get(this.turn); next !== undefined; next = this.early.get(this.turn)) {
        this.early.delete(this.turn)
        this.put(next)
        this.turn += 1
      }
    } else {
      this.put(all)
    }
    this.begin()
    this.tell()
  }

  /** Has all waiting greenlets look again. */
  private tell(): void {
    for (const wait of this.waits) wait.finish()
  }

  private put(outcomes: readonly Outcome[]): void {
    this.chunks.push(outcomes)
    this.waiting += outcomes.length
  }

  private take(): Outcome | undefined {
    if (this.waiting === 0) return undefined
    this.waiting -= 1
    while (this.taken.size === 0) for (const outcome of this.chunks.shift()!) this.taken.push(outcome)
    return this.taken.shift()
  }

  /** @internal */
  ready(): { value: IteratorResult<T, undefined> } | undefined {
    const outcome = this.take()
    if (outcome !== undefined) {
      this.begin()
      if (outcome[0]) throw outcome[1]
      return { value: { done: false, value: outcome[1] as T } }
    }
    if (!this.exhausted || this.ended < this.begun) return undefined
    if (this.inputError === undefined) return { value: { done: true, value: undefined } }
    const { error } = this.inputError
    this.inputError = undefined
    throw error
  }

  /** @internal */
  giveBack(result: IteratorResult<T, undefined>, order: number): void {
    if (!result.done) this.putBack([false, result.value], order)
  }

  /** @internal */
  giveBackError(error: unknown, order: number): void {
    this.putBack([true, error], order)
  }

  private putBack(outcome: Outcome, order: number): void {
    if (this.closed) return
    this.taken.giveBack(outcome, '', order)
    this.waiting += 1
    // Another waiting greenlet may take it.
    runCallback(() => this.tell())
  }

  /** @internal */
  enter(wait: ExternalWait<IteratorResult<T, undefined>>): void {
    this.waits.add(wait)
  }

  /** @internal */
  leave(wait: ExternalWait<IteratorResult<T, undefined>>): void {
    this.waits.delete(wait)
  }

  /** Ends the iteration: chunks that no worker has begun are dropped. */
  protected override onClose(): void {
    this.closed = true
    this.exhaust()
    this.inputError = undefined
    for (const task of this.tasks) this.runner.drop(task)
    this.ended = this.begun
    this.chunks.length = 0
    this.taken.clear()
    this.waiting = 0
    this.early.clear()
    this.tell()
    // This may throw, so it comes last.
    this.items.return?.()
  }
}
