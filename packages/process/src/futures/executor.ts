import type { CooperativeIterator, Operation } from '@greenlit/core'
import { checkOptions, checkWhole, Done, show } from '@greenlit/core/engine'
import { checkWorkers } from '../pool/check-workers.ts'
import { Crew } from '../pool/crew.ts'
import type { Outcome } from '../pool/outcome.ts'
import type { RosterOptions } from '../pool/roster.ts'
import type { How } from '../pool/worker.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import { type CheckedTarget, checkTargetOnce, type Target } from '../process/target.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { BrokenExecutor, RuntimeError } from './errors.ts'
import { Future } from './future.ts'
import { FutureWork } from './future-work.ts'
import { MapResults } from './map-results.ts'
import type { ArgumentsOf, MapArguments, MapOptions, ResultOf, ShutdownOptions } from './types.ts'

/** What the executors have in common. */
export interface ExecutorOptions {
  /** How many workers there may be, from 1 to 32,768. */
  maxWorkers?: number
  /** A function that each worker calls before its first call. */
  initializer?: Target
  /** Its arguments. */
  initargs?: readonly unknown[]
}

/**
 * Calls exported functions in workers, and gives a future for each call (concurrent.futures.Executor): a `ThreadPoolExecutor` or a
 * `ProcessPoolExecutor`. Workers start when there is work for them and stay until it is shut down. It keeps the program alive only
 * while something is asked of it.
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
  protected readonly crew: Crew
  private readonly futures = new Set<Future>()
  private readonly waits = new Set<OutsideWait<undefined>>()
  private brokenError: BrokenExecutor | undefined = undefined
  private isShutdown = false

  /** @internal */
  protected constructor(
    workers: Pick<RosterOptions, 'size' | 'context' | 'tasksPerWorker' | 'namePrefix'>,
    options: ExecutorOptions,
  ) {
    this.crew = new Crew({
      ...workers,
      size: checkWorkers(workers.size, 'maxWorkers', 1),
      ...checkInitializer(options),
      lazy: true,
      mayHaveChildren: true,
      idleTime: Infinity,
    })
    this.crew.onChange = () => {
      for (const wait of this.waits) wait.finish()
    }
  }

  /** @internal What it means that the workers cannot start. */
  protected abstract broken(cause: Error): BrokenExecutor

  /**
   * Has a function called in a worker, with the arguments as they are now. Nothing waits: when all workers are busy, the call is in
   * line. Given the function's type, as in `submit<typeof square>(target, 3)`, arguments and result have theirs.
   *
   * @param target the function
   * @param args its arguments; one that cannot be sent fails the future with `SerializationError`
   * @returns its future, which fails with what the function throws
   * @throws {TypeError} for a target that is none; {RuntimeError} after `shutdown`; {BrokenExecutor} if no worker can do it
   */
  submit<F = unknown>(target: Target, ...args: ArgumentsOf<F>): Future<ResultOf<F>> {
    return this.enlist<ResultOf<F>>(this.check(target), 'apply', args, ([outcome]) => outcome!)
  }

  /**
   * Calls a function with an item of each iterable, then with the next, until the shortest is at its end. All items are taken, and
   * all calls are in line, before it returns. Results come in order; the first error ends them, and cancels what has not begun, as
   * closing the iterator does.
   *
   * @param target the function
   * @param args its iterables, an argument each, and options: see `MapOptions`
   * @throws {TypeError} for a target or an iterable that is none, {RangeError} for a `chunksize` that is none, and as `submit`;
   *   {TimeoutError} from `next`, when the time is over
   * @example
   * yield* each(executor.map<number>(pow, [2, 3], [10, 2], { timeout: 5000 }), (power) => console.log(power)) // 1024, 9
   */
  map<F = unknown>(target: Target, ...args: MapArguments<F>): CooperativeIterator<ResultOf<F>> {
    const checked = this.check(target)
    const [iterables, { timeout, chunksize = 1 }] = splitOptions(args)
    checkWhole(chunksize, 'chunksize', 1)
    const results = new MapResults<ResultOf<F>>(timeout)
    const rows = [...zip(iterables)]
    for (let start = 0; start < rows.length; start += chunksize)
      results.add(this.enlist(checked, 'star', rows.slice(start, start + chunksize), wholeOf))
    return results
  }

  private check(target: Target): CheckedTarget {
    const broken = this.failure
    if (broken !== undefined) throw broken
    if (this.isShutdown)
      throw new RuntimeError('Expected the executor not to be shut down: cannot schedule new futures after shutdown')
    return checkTargetOnce(target)
  }

  private get failure(): BrokenExecutor | undefined {
    const { failure } = this.crew
    if (failure === undefined || failure instanceof BrokenExecutor) return failure
    this.brokenError ??= this.broken(failure)
    return this.brokenError
  }

  /** @param outcomeOf makes what came of the work into what comes of the future */
  private enlist<T>(
    target: CheckedTarget,
    how: How,
    items: readonly unknown[],
    outcomeOf: (outcomes: readonly Outcome[]) => Outcome,
  ): Future<T> {
    const future = new Future<T>()
    const work = new FutureWork(future, target, how, items, (outcomes) => {
      if (future.done()) return
      const [failed, value] = outcomeOf(outcomes)
      if (failed) future.setException(value === this.crew.failure ? this.failure : value)
      else future.setResult(value as T)
    })
    this.futures.add(future)
    future.addDoneCallback(() => {
      this.futures.delete(future)
      if (future.cancelled()) this.crew.drop(work)
    })
    try {
      if (how === 'apply') work.prepare()
      this.crew.add(work)
    } catch (error) {
      future.setException(error)
    }
    return future
  }

  /**
   * Takes no more work, at once; the workers end when all is done. May be called several times.
   *
   * @param options `wait`: whether the operation that is returned waits until all workers have ended, default true; `cancelFutures`:
   *   whether what no worker has begun is cancelled, default false
   */
  shutdown(options: ShutdownOptions = {}): Operation<undefined> {
    const { wait = true, cancelFutures = false } = checkOptions(options)
    this.isShutdown = true
    if (cancelFutures) for (const future of [...this.futures]) future.cancel()
    this.crew.close()
    return wait ? this.untilGone() : new Done()
  }

  private untilGone(): Operation<undefined> {
    const { crew, waits } = this
    const awaited: Awaited<undefined> = {
      name: 'Executor.shutdown',
      ready: () => (crew.isGone ? { value: undefined } : undefined),
      enter: (wait) => {
        waits.add(wait)
        crew.keepAlive(true)
      },
      leave: (wait) => {
        waits.delete(wait)
        if (waits.size === 0) crew.keepAlive(false)
      },
    }
    return new OutsideWait<undefined>(awaited, undefined, () => undefined)
  }

  /** At the end of a block with `using`: shuts it down without waiting. What was asked of it is done yet. */
  [Symbol.dispose](): void {
    this.shutdown()
  }

  /** At the end of a block with `await using`: shuts it down, and waits until all is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown()
  }

  toString(): string {
    const state = this.crew.failure !== undefined ? 'broken' : this.isShutdown ? 'shut down' : 'running'
    return `<${this.constructor.name} ${state} workers=${this.crew.size} unfinished=${this.futures.size}>`
  }
}

/** The number of workers and the options of an executor, either of which may stand first. */
export function optionsOf<O extends ExecutorOptions>(
  maxWorkers: number | O | undefined,
  options: O | undefined,
): [maxWorkers: number | undefined, options: Partial<O>] {
  const given = checkOptions(typeof maxWorkers === 'object' ? maxWorkers : options)
  return [typeof maxWorkers === 'object' ? given.maxWorkers : (maxWorkers ?? given.maxWorkers), given]
}

/** A chunk has the outcomes of its calls, unless it failed as a whole. */
function wholeOf(outcomes: readonly Outcome[]): Outcome {
  return outcomes.length === 1 && outcomes[0]![0] ? outcomes[0]! : [false, outcomes]
}

/** The iterables of a map, and the options, which are whatever comes last that cannot be iterated. */
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

/** The first of each, then the second, until one has no more; the others are then closed. */
function* zip(iterables: readonly Iterable<unknown>[]): Generator<unknown[]> {
  const iterators = iterables.map((iterable) => iterable[Symbol.iterator]())
  const open = new Set(iterators)
  try {
    for (;;) {
      const row: unknown[] = []
      for (const iterator of iterators) {
        // One that ends or throws has closed itself.
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
