import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, checkWhole, show, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { type CheckedTarget, checkTargetOnce, type Target } from '../process/target.ts'
import { Apply } from './apply.ts'
import type { ApplyOptions, MapAsyncOptions, MapOptions } from './call-options.ts'
import type { Dispatcher } from './dispatcher.ts'
import { PoolIterator } from './imap.ts'
import type { Outcome } from './outcome.ts'
import { PoolTask } from './pool-task.ts'
import type { Task } from './pool-worker.ts'
import { callbacksOf, PoolResult, type ResultCallbacks } from './result.ts'
import type { CallMode } from './worker.ts'

/** The base class of process pools and thread pools: calls exported functions in workers. */
export abstract class BasePool {
  /** @internal */
  protected abstract readonly dispatcher: Dispatcher
  /** How often a task may be handed to another worker. */
  protected abstract readonly retries: number
  /** The maximum number of workers. */
  protected abstract readonly most: number;

  /** @internal Node prints it as text, without its inner parts. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  /** Throws if the pool accepts no more work. */
  protected abstract checkRunning(): void

  /** The default `chunksize` for a map over so many items. */
  protected chunksizeFor(count: number): number {
    return Math.ceil(count / (this.most * 4)) || 1
  }

  /**
   * Calls a function in a worker and waits for its result. If the caller is killed or times out before a worker has begun the call,
   * the call is dropped.
   *
   * @param target the function
   * @param args its arguments
   * @throws whatever the function throws; {ProcessDiedError} if its worker dies; {SerializationError} for an argument that cannot
   *   be sent; {TimeoutError} on expiry; {RangeError} if the pool is not running
   */
  apply<T = unknown>(target: Target, args: readonly unknown[] = [], options: ApplyOptions = {}): Operation<T> {
    const timeout = timeoutOf(options)
    const checked = checkTargetOnce(target)
    return new Apply<T>(this, checked, checkArgs(args), timeout)
  }

  /**
   * Calls a function in a worker without waiting for its result.
   *
   * @param callbacks what to call when it is done; a function is the `callback`
   * @throws {RangeError} if the pool is not running
   */
  applyAsync<T = unknown>(
    target: Target,
    args: readonly unknown[] = [],
    callbacks: ResultCallbacks<T> | ResultCallbacks<T>['callback'] = {},
  ): PoolResult<T> {
    const checked = this.check(target)
    checkArgs(args)
    const task = new PoolTask(checked, 'apply', args, this.retries, ([[failed, value] = [true, undefined]]) => {
      result.settle(failed, value)
    })
    const result: PoolResult<T> = new PoolResult<T>(callbacksOf<ResultCallbacks<T>>(callbacks), () =>
      this.dispatcher.drop(task),
    )
    try {
      // Encodes the arguments as they are now, not when a worker is free.
      task.payload()
    } catch (error) {
      result.settle(true, error)
      return result
    }
    this.dispatcher.add(task)
    return result
  }

  /**
   * Calls a function with each item and waits for all results, which are in order. If a call fails, the others still run; then the
   * first error to arrive is thrown.
   *
   * @param items what to call it with, one by one; the iterable is consumed up front
   * @param options see `MapOptions`
   */
  map<T = unknown>(target: Target, items: Iterable<unknown>, options: MapOptions = {}): Operation<T[]> {
    return this.mapWith<T>('map', target, items, options)
  }

  /** Like `map`, for items that are arrays of arguments. */
  starmap<T = unknown>(target: Target, items: Iterable<readonly unknown[]>, options: MapOptions = {}): Operation<T[]> {
    return this.mapWith<T>('star', target, items, options)
  }

  /** Like `map`, without waiting. */
  mapAsync<T = unknown>(
    target: Target,
    items: Iterable<unknown>,
    options: MapAsyncOptions<T> | MapAsyncOptions<T>['callback'] = {},
  ): PoolResult<T[]> {
    return this.mapAsyncWith<T>('map', this.check(target), items, callbacksOf<MapAsyncOptions<T>>(options))
  }

  /** Like `starmap`, without waiting. */
  starmapAsync<T = unknown>(
    target: Target,
    items: Iterable<readonly unknown[]>,
    options: MapAsyncOptions<T> | MapAsyncOptions<T>['callback'] = {},
  ): PoolResult<T[]> {
    return this.mapAsyncWith<T>('star', this.check(target), items, callbacksOf<MapAsyncOptions<T>>(options))
  }

  /**
   * Calls a function with each item and yields the results in order, as they arrive. An error takes the place of its result: `next`
   * throws it, and the iteration can go on after it. Items are consumed as needed, a few chunks ahead.
   *
   * @param options `chunksize`: how many items to send to a worker at a time, from 1 up. Default 1
   * @example
   * yield* each(pool.imap(work, urls), (page) => console.log(page))
   */
  imap<T = unknown>(
    target: Target,
    items: Iterable<unknown>,
    options: Pick<MapOptions, 'chunksize'> = {},
  ): PoolIterator<T> {
    return this.iterate<T>(target, items, options, true)
  }

  /** Like `imap`, yielding each result as soon as it arrives. */
  imapUnordered<T = unknown>(
    target: Target,
    items: Iterable<unknown>,
    options: Pick<MapOptions, 'chunksize'> = {},
  ): PoolIterator<T> {
    return this.iterate<T>(target, items, options, false)
  }

  private iterate<T>(
    target: Target,
    items: Iterable<unknown>,
    options: Pick<MapOptions, 'chunksize'>,
    ordered: boolean,
  ): PoolIterator<T> {
    const checked = this.check(target)
    const { chunksize = 1 } = checkOptions(options)
    checkWhole(chunksize, 'chunksize', 1)
    const iterator = checkIterable(items)[Symbol.iterator]()
    const { dispatcher } = this
    dispatcher.addProducer()
    return new PoolIterator<T>(iterator, chunksize, ordered, this.most, {
      submit: (chunk, onEnd) => {
        const task = new PoolTask(checked, 'map', chunk, this.retries, onEnd)
        dispatcher.add(task)
        return task
      },
      drop: (task) => dispatcher.drop(task),
      end: () => dispatcher.removeProducer(),
    })
  }

  private mapWith<T>(mode: CallMode, target: Target, items: Iterable<unknown>, options: MapOptions): Operation<T[]> {
    const given = checkOptions(options)
    const timeout = timeoutOf(given)
    const checked = checkTargetOnce(target)
    checkIterable(items)
    checkWhole(given.chunksize ?? 1, 'chunksize', 1)
    const begin = () => this.mapAsyncWith<T>(mode, checked, items, given)
    return new Call<[() => PoolResult<T[]>, TimeLimit], T[]>(waitOrCancel, [begin, timeout])
  }

  private mapAsyncWith<T>(
    mode: CallMode,
    target: CheckedTarget,
    items: Iterable<unknown>,
    options: MapAsyncOptions<T>,
  ): PoolResult<T[]> {
    const given = checkOptions(options)
    this.checkRunning()
    const all = [...checkIterable(items)]
    const chunksize = checkWhole(given.chunksize ?? this.chunksizeFor(all.length), 'chunksize', 1)
    const tasks: Task[] = []
    const result = new PoolResult<T[]>(given, () => {
      for (const task of tasks) this.dispatcher.drop(task)
    })
    const results = new Array<T>(all.length)
    let missing = Math.ceil(all.length / chunksize)
    let failure: Outcome | undefined
    if (missing === 0) result.settle(false, results)
    for (let start = 0; start < all.length; start += chunksize) {
      const chunk = chunksize === 1 ? [all[start]] : all.slice(start, start + chunksize)
      const task = new PoolTask(target, mode, chunk, this.retries, (outcomes) => {
        for (let index = 0; index < outcomes.length; index += 1) {
          const outcome = outcomes[index]!
          if (outcome[0]) failure ??= outcome
          else results[start + index] = outcome[1] as T
        }
        missing -= 1
        if (missing === 0) result.settle(failure !== undefined, failure === undefined ? results : failure[1])
      })
      tasks.push(task)
    }
    this.dispatcher.addAll(tasks)
    return result
  }

  /** @internal */
  begin(): Dispatcher {
    this.checkRunning()
    return this.dispatcher
  }

  /** @internal */
  get retriesOfTasks(): number {
    return this.retries
  }

  protected check(target: Target): CheckedTarget {
    this.checkRunning()
    return checkTargetOnce(target)
  }
}

/** Starts the calls and waits for their results; on a kill or timeout, drops the calls that no worker has begun. */
function* waitOrCancel<T>(begin: () => PoolResult<T>, timeout: TimeLimit): Generator<Suspension, T, unknown> {
  const result = begin()
  try {
    return yield* result.get({ timeout })
  } finally {
    result.cancel()
  }
}

function checkArgs(args: unknown): readonly unknown[] {
  if (Array.isArray(args)) return args
  throw new TypeError(`Expected \`args\` to be an array, got ${show(args)}`)
}

function checkIterable(items: unknown): Iterable<unknown> {
  if (typeof (items as Iterable<unknown> | undefined)?.[Symbol.iterator] === 'function')
    return items as Iterable<unknown>
  throw new TypeError(`Expected \`items\` to be iterable, got ${show(items)}`)
}
