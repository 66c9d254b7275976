import {
  type Attempt,
  attempt,
  CooperativeIterator,
  GreenletExit,
  isControlError,
  type Operation,
  Pool,
  Semaphore,
  type Suspension,
} from '@greenlit/core'
import { Call, drive, Reader } from '@greenlit/core/engine'
import { type BatchRequest, beginRequest } from './batch-request.ts'
import type { BatchOptions } from './options.ts'

/** The outcome of a request, with its index in the source. */
export interface Finished<T> {
  readonly index: number
  readonly outcome: Attempt<T>
}

/**
 * Makes many requests, a bounded number at a time, and yields their outcomes in the order of completion. It reads at most `size`
 * requests ahead of the outcomes taken, so that memory is bounded however many there are.
 *
 *     source --semaphore--> pool of `size` greenlets --> outcomes --> take, which releases the semaphore
 */
export class Batch<T> {
  private readonly requests: Iterable<BatchRequest | Suspension> | AsyncIterable<BatchRequest>
  private readonly options: BatchOptions<T>
  private readonly pool: Pool
  private readonly slots: Semaphore
  /** How many requests were started. */
  begun = 0
  /** The started requests that have not ended yet, by index. */
  private readonly unfinished = new Map<number, BatchRequest>()
  private outcomes: CooperativeIterator<Finished<T>> | undefined = undefined
  private isClosed = false

  constructor(
    requests: Iterable<BatchRequest | Suspension> | AsyncIterable<BatchRequest>,
    size: number,
    options: BatchOptions<T>,
  ) {
    this.requests = requests
    this.options = options
    this.pool = new Pool(size === Infinity ? undefined : size)
    this.slots = new Semaphore(Math.min(size, Number.MAX_SAFE_INTEGER))
  }

  /** Waits for the next outcome. A kill of the caller ends all running requests. */
  *take(): Generator<Suspension, IteratorResult<Finished<T>, undefined>, unknown> {
    if (this.isClosed) return { done: true, value: undefined }
    this.outcomes ??= this.start()
    try {
      const result = yield* this.outcomes.next()
      if (!result.done) this.slots.release()
      return result
    } catch (error) {
      // After a timeout of the caller, the remaining outcomes can still be taken.
      if (error instanceof GreenletExit || !isControlError(error)) this.close()
      throw error
    }
  }

  /** Ends all running requests, and starts no more. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.outcomes?.close()
    this.pool.kill()
  }

  private start(): CooperativeIterator<Finished<T>> {
    const fetch = (item: NumberedRequest) => this.fetch(item)
    return this.pool.imapUnordered(fetch, this.pull()) as CooperativeIterator<Finished<T>>
  }

  /** Yields the numbered requests, each once the semaphore allows it. */
  private *pull(): Generator<Suspension | NumberedRequest, void, unknown> {
    const source = new Reader(this.requests)
    try {
      for (let index = 0; ; index += 1) {
        yield* this.slots.acquire()
        const { done, value } = source.tryRead() ?? (yield* source.read())
        if (done) return
        const request = value as BatchRequest
        this.begun = index + 1
        this.unfinished.set(index, request)
        yield new NumberedRequest(index, request)
      }
    } finally {
      yield* source.close()
    }
  }

  private *fetch({ index, request }: NumberedRequest): Generator<Suspension, Finished<T>, unknown> {
    const { exceptionHandler: _, session, ...options } = this.options
    const outcome = yield* this.settle<T>(() => beginRequest(request, options, session))
    this.unfinished.delete(index)
    return { index, outcome: outcome.ok ? outcome : yield* this.handle(request, outcome.error) }
  }

  /** Returns the outcome of a request that was given up, by its index. */
  *giveUp(index: number, error: Error): Generator<Suspension, Attempt<T>, unknown> {
    const { requests } = this
    if (this.unfinished.has(index)) return yield* this.handle(this.unfinished.get(index)!, error)
    if (index >= this.begun && Array.isArray(requests)) return yield* this.handle(requests[index], error)
    return { ok: false, error }
  }

  /** Returns the outcome of a failed request, which the exception handler may replace. */
  private *handle(request: BatchRequest, error: Error): Generator<Suspension, Attempt<T>, unknown> {
    const { exceptionHandler } = this.options
    if (exceptionHandler === undefined || exceptionHandler === null) return { ok: false, error }
    const handled = yield* this.settle<unknown>(() => exceptionHandler(request, error))
    if (!handled.ok) return handled
    return handled.value === undefined ? { ok: false, error } : { ok: true, value: handled.value as T }
  }

  /**
   * Returns the outcome of a function. It runs in the request's own greenlet: a timeout or exit raised there is that request's outcome
   * and ends no other, unless the whole batch is closed.
   */
  private *settle<R>(fn: () => unknown): Generator<Suspension, Attempt<R>, unknown> {
    try {
      return yield* attempt(run<R>(fn))
    } catch (error) {
      if (this.isClosed) throw error
      return { ok: false, error: error as Error }
    }
  }
}

class NumberedRequest {
  readonly index: number
  readonly request: BatchRequest

  constructor(index: number, request: BatchRequest) {
    this.index = index
    this.request = request
  }
}

/** Calls a function, and runs the coroutine or awaits the promise that it returns. Synchronous errors are thrown from here as well. */
function* run<T>(fn: () => unknown): Generator<Suspension, T, unknown> {
  return yield* drive<T>(fn())
}

/** Iterates over the outcomes of a batch. */
export class BatchIterator<T, R> extends CooperativeIterator<R> {
  private readonly batch: Batch<T>
  private readonly pick: (finished: Finished<T>) => R

  constructor(batch: Batch<T>, pick: (finished: Finished<T>) => R) {
    super()
    this.batch = batch
    this.pick = pick
  }

  next(): Operation<IteratorResult<R, undefined>> {
    return new Call<[], IteratorResult<R, undefined>>(() => this.take(), [])
  }

  protected override onClose(): void {
    this.batch.close()
  }

  private *take(): Generator<Suspension, IteratorResult<R, undefined>, unknown> {
    const result = yield* this.batch.take()
    return result.done ? result : { done: false, value: this.pick(result.value) }
  }
}
