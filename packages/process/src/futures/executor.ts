import type { CooperativeIterator, Operation } from '@greenlit/core'
import { checkOptions, checkWhole, Done, show } from '@greenlit/core/engine'
import { BrokenExecutor, RuntimeError } from '../errors/future-error.ts'
import { checkWorkers } from '../pool/check-workers.ts'
import { Dispatcher } from '../pool/dispatcher.ts'
import type { Outcome } from '../pool/outcome.ts'
import type { CallMode } from '../pool/worker.ts'
import type { WorkerGroupOptions } from '../pool/worker-group.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import { type CheckedTarget, checkTargetOnce, type Target } from '../process/target.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { Future } from './future.ts'
import { FutureTask } from './future-task.ts'
import { MapResults } from './map-results.ts'
import type { ArgumentsOf, MapArguments, MapOptions, ResultOf, ShutdownOptions } from './types.ts'

/** The options that all executors share. */
export interface ExecutorOptions {
  /** The maximum number of workers, from 1 to 32,768. */
  maxWorkers?: number | undefined
  /** A function that each worker runs before its first call. */
  initializer?: Target | undefined
  /** The arguments for `initializer`. */
  initargs?: readonly unknown[] | undefined
}

/**
 * Calls exported functions in workers and returns a future for each call (concurrent.futures.Executor). The implementations are
 * `ThreadPoolExecutor` and `ProcessPoolExecutor`. Workers are started on demand and stay until the executor is shut down. The
 * executor keeps the program alive only while it has unfinished work.
 *
 * @example
 * function* total(executor: Executor, target: Target, numbers: number[]) {
 *   let sum = 0
 *   yield* each(executor.map<number>(target, numbers), (number) => (sum += number))
 *   return sum
 * }
 */
export abstract class Executor {
  /** @internal */
  protected readonly dispatcher: Dispatcher
  private readonly futures = new Set<Future>()
  private readonly waits = new Set<ExternalWait<undefined>>()
  private brokenError: BrokenExecutor | undefined = undefined
  private isShutdown = false

  /** @internal */
  protected constructor(
    workers: Pick<WorkerGroupOptions, 'size' | 'context' | 'tasksPerWorker' | 'namePrefix'>,
    options: ExecutorOptions,
  ) {
    this.dispatcher = new Dispatcher({
      ...workers,
      size: checkWorkers(workers.size, 'maxWorkers', 1),
      ...checkInitializer(options),
      lazy: true,
      mayHaveChildren: true,
      idleTime: Infinity,
    })
    this.dispatcher.onChange = () => {
      for (const wait of this.waits) wait.finish()
    }
  }

  /** @internal The error for workers that cannot start. */
  protected abstract broken(cause: Error): BrokenExecutor

  /**
   * Schedules a call in a worker, with the arguments as they are now. Never blocks: while all workers are busy, the call is queued.
   * With the function's type given, as in `submit<typeof square>(target, 3)`, the arguments and the result are typed accordingly.
   *
   * @param target the function
   * @param args its arguments; one that cannot be sent fails the future with `SerializationError`
   * @returns the call's future, which fails with whatever the function throws
   * @throws {TypeError} for an invalid target; {RuntimeError} after `shutdown`; {BrokenExecutor} if the executor is broken
   */
  submit<F = unknown>(target: Target, ...args: ArgumentsOf<F>): Future<ResultOf<F>> {
    return this.schedule<ResultOf<F>>(this.check(target), 'apply', args, ([outcome]) => outcome!)
  }

  /**
   * Calls a function with one item from each iterable at a time, until the shortest iterable is exhausted. All items are consumed
   * and all calls are queued before `map` returns, unless there is a `buffersize`. Results are yielded in order. The first error ends the iteration and cancels the
   * calls that have not started; so does closing the iterator.
   *
   * @param target the function
   * @param args one iterable for each of the function's arguments, then optionally `MapOptions`
   * @throws {TypeError} for an invalid target or iterable; {RangeError} for an invalid `chunksize` or `buffersize`; otherwise as `submit` does;
   *   {TimeoutError} from `next`, when the timeout expires
   * @example
   * yield* each(executor.map<number>(pow, [2, 3], [10, 2], { timeout: 5000 }), (power) => console.log(power)) // 1024, 9
   */
  map<F = unknown>(target: Target, ...args: MapArguments<F>): CooperativeIterator<ResultOf<F>> {
    const checked = this.check(target)
    const [iterables, { timeout, chunksize = 1, buffersize }] = splitOptions(args)
    checkWhole(chunksize, 'chunksize', 1)
    const isBounded = buffersize !== undefined && buffersize !== null
    const limit = isBounded ? checkWhole(buffersize, 'buffersize', 1) : Infinity
    // Without a limit nothing is scheduled if an iterable fails.
    const rows = isBounded ? zip(iterables) : [...zip(iterables)]
    const results = new MapResults<ResultOf<F>>(timeout, this.scheduleChunks(checked, rows, chunksize))
    try {
      for (let added = 0; added < limit && results.addNext(); ) added += 1
    } catch (error) {
      results.close()
      throw error
    }
    return results
  }

  private *scheduleChunks(
    target: CheckedTarget,
    rows: Iterable<unknown[]>,
    size: number,
  ): Generator<Future<readonly Outcome[]>, undefined, undefined> {
    let chunk: unknown[][] = []
    for (const row of rows) {
      chunk.push(row)
      if (chunk.length < size) continue
      this.checkOpen()
      yield this.schedule(target, 'star', chunk, chunkOutcome)
      chunk = []
    }
    if (chunk.length === 0) return
    this.checkOpen()
    yield this.schedule(target, 'star', chunk, chunkOutcome)
  }

  private check(target: Target): CheckedTarget {
    this.checkOpen()
    return checkTargetOnce(target)
  }

  private checkOpen(): void {
    const broken = this.failure
    if (broken !== undefined) throw broken
    if (this.isShutdown)
      throw new RuntimeError('Expected the executor not to be shut down: cannot schedule new futures after shutdown')
  }

  private get failure(): BrokenExecutor | undefined {
    const { failure } = this.dispatcher
    if (failure === undefined || failure instanceof BrokenExecutor) return failure
    this.brokenError ??= this.broken(failure)
    return this.brokenError
  }

  /** @param outcomeOf turns the outcomes of the task into the outcome of the future */
  private schedule<T>(
    target: CheckedTarget,
    mode: CallMode,
    items: readonly unknown[],
    outcomeOf: (outcomes: readonly Outcome[]) => Outcome,
  ): Future<T> {
    const future = new Future<T>()
    const task = new FutureTask(future, target, mode, items, (outcomes) => {
      if (future.done()) return
      const [failed, value] = outcomeOf(outcomes)
      if (failed) future.setException(value === this.dispatcher.failure ? this.failure : value)
      else future.setResult(value as T)
    })
    this.futures.add(future)
    future.addDoneCallback(() => {
      this.futures.delete(future)
      if (future.cancelled()) this.dispatcher.drop(task)
    })
    try {
      if (mode === 'apply') task.prepare()
      this.dispatcher.add(task)
    } catch (error) {
      future.setException(error)
    }
    return future
  }

  /**
   * Stops accepting work immediately; the workers exit once all work is done. May be called more than once.
   *
   * @param options `wait`: whether the returned operation waits until all workers have exited, default true; `cancelFutures`:
   *   whether to cancel the calls that no worker has started, default false
   */
  shutdown(options: ShutdownOptions = {}): Operation<undefined> {
    const given = checkOptions(options)
    const wait = checkBoolean('wait', given.wait ?? true)
    const cancelFutures = checkBoolean('cancelFutures', given.cancelFutures ?? false)
    this.isShutdown = true
    if (cancelFutures) for (const future of [...this.futures]) future.cancel()
    this.dispatcher.close()
    return wait ? this.untilStopped() : new Done()
  }

  private untilStopped(): Operation<undefined> {
    const { dispatcher, waits } = this
    const source: WaitSource<undefined> = {
      name: 'Executor.shutdown',
      ready: () => (dispatcher.isGone ? { value: undefined } : undefined),
      enter: (wait) => {
        waits.add(wait)
        dispatcher.keepAlive(true)
      },
      leave: (wait) => {
        waits.delete(wait)
        if (waits.size === 0) dispatcher.keepAlive(false)
      },
    }
    return new ExternalWait<undefined>(source, undefined, () => undefined)
  }

  /** Shuts the executor down without waiting, at the end of a `using` block. Queued calls still run. */
  [Symbol.dispose](): void {
    this.shutdown()
  }

  /** Shuts the executor down and waits until all work is done, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  toString(): string {
    const state = this.dispatcher.failure !== undefined ? 'broken' : this.isShutdown ? 'shut down' : 'running'
    return `<${this.constructor.name} ${state} workers=${this.dispatcher.size} unfinished=${this.futures.size}>`
  }
}

function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new TypeError(`Expected \`${name}\` to be true or false, got ${show(value)}`)
}

/**
 * Splits an executor's constructor arguments, `(maxWorkers, options)` or `(options)`, into the number of workers and the options.
 */
export function optionsOf<O extends ExecutorOptions>(
  maxWorkers: number | O | undefined,
  options: O | undefined,
): [maxWorkers: number | undefined, options: Partial<O>] {
  const given = checkOptions(typeof maxWorkers === 'object' ? maxWorkers : options)
  return [typeof maxWorkers === 'object' ? given.maxWorkers : (maxWorkers ?? given.maxWorkers), given]
}

/** A chunk's result is the list of its calls' outcomes, unless the chunk failed as a whole. */
function chunkOutcome(outcomes: readonly Outcome[]): Outcome {
  return outcomes.length === 1 && outcomes[0]![0] ? outcomes[0]! : [false, outcomes]
}

/** Splits the arguments of `map` into iterables and options: a last argument that is an object but not iterable is the options. */
function splitOptions(args: readonly unknown[]): [iterables: Iterable<unknown>[], options: MapOptions] {
  const last = args.at(-1)
  const hasOptions = typeof last === 'object' && last !== null && !(Symbol.iterator in last)
  const iterables = (hasOptions ? args.slice(0, -1) : args) as Iterable<unknown>[]
  for (const iterable of iterables)
    if (typeof iterable?.[Symbol.iterator] !== 'function')
      throw new TypeError(`Expected \`iterables\` to hold iterables, got ${show(iterable)}`)
  if (iterables.length === 0) throw new TypeError('Expected `iterables` to hold one iterable or more, got none')
  return [iterables, hasOptions ? (last as MapOptions) : {}]
}

/** Yields rows of one item from each iterable until one is exhausted, then closes the others. */
function* zip(iterables: readonly Iterable<unknown>[]): Generator<unknown[]> {
  const iterators = iterables.map((iterable) => iterable[Symbol.iterator]())
  const open = new Set(iterators)
  try {
    for (;;) {
      const row: unknown[] = []
      for (const iterator of iterators) {
        // An iterator that ends or throws must not be closed again.
        open.delete(iterator)
        const next = iterator.next()
        if (next.done) return
        open.add(iterator)
        row.push(next.value)
      }
      yield row
    }
  } finally {
    for (const iterator of open) iterator.return?.()
  }
}
