import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkTimeout, Done, show, type TimeLimit } from '@greenlit/core/engine'
import { encode } from '../codec/payload.ts'
import { ProcessError } from '../errors/process-error.ts'
import type { ContextName } from '../process/child.ts'
import { cpuCount } from '../process/current.ts'
import { checkContext } from '../process/process.ts'
import { type CheckedTarget, checkTarget, checkTargetOnce, type Target } from '../process/target.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { Crew, type Task } from './crew.ts'
import { PoolIterator } from './imap.ts'
import type { Outcome } from './outcome.ts'
import { PoolResult, type ResultCallbacks } from './result.ts'
import type { How } from './worker.ts'

/** How a pool works. */
export interface PoolOptions {
  /** A function that each worker calls before its first task. */
  initializer?: Target
  /** Its arguments. */
  initargs?: readonly unknown[]
  /** After how many tasks a worker is replaced by a new one; a chunk of a map is one task. Default never. */
  maxTasksPerChild?: number
  /** Whether workers are processes of the system, which is the default, or threads of this one. */
  context?: ContextName
  /** How often a task is given to another worker when one dies over it. Default 0: it fails. */
  retries?: number
}

/** How to call a function once. */
export interface ApplyOptions {
  /** How long to wait for it, in milliseconds. Default without end. */
  timeout?: TimeLimit
}

/** How to call a function with many items. */
export interface MapOptions {
  /** How many items go to a worker at a time, from 1 up. Default: a quarter of a worker's share. */
  chunksize?: number
  /** How long to wait for all of it, in milliseconds. Default without end. */
  timeout?: TimeLimit
}

/**
 * Worker processes that call exported functions (Python: multiprocessing.Pool). It starts them at once, replaces those that die, and
 * ends with this process.
 *
 * @example
 * const pool = new Pool(4)
 * const work = { module: new URL('./work.mjs', import.meta.url), export: 'square' }
 * yield* pool.map(work, [1, 2, 3]) // [1, 4, 9]
 * pool.close()
 * yield* pool.join()
 */
export class Pool implements Awaited<undefined> {
  /** @internal */
  readonly name = 'Pool.join'
  /** How many workers there are. */
  readonly processes: number
  private readonly crew: Crew
  private readonly retries: number
  private readonly waits = new Set<OutsideWait<undefined>>()
  private state: 'running' | 'closed' | 'terminated' = 'running'

  /**
   * @param processes how many workers, from 1 up. Default: as many as there are processors
   * @param options see `PoolOptions`
   * @throws {RangeError} for a number that is none; {TypeError} for an initializer that is no target
   */
  constructor(processes: number = cpuCount(), options: PoolOptions = {}) {
    const { initializer, initargs = [], maxTasksPerChild, context = 'process', retries = 0 } = options
    this.processes = checkCount('processes', processes)
    this.retries = retries === Infinity ? retries : checkCount('retries', retries, 0)
    if (!Array.isArray(initargs)) throw new TypeError(`Expected \`initargs\` to be an array, got ${show(initargs)}`)
    this.crew = new Crew({
      size: this.processes,
      context: checkContext(context),
      initializer: initializer === undefined ? undefined : checkTarget(initializer, 'initializer'),
      initargs,
      tasksPerWorker: maxTasksPerChild === undefined ? Infinity : checkCount('maxTasksPerChild', maxTasksPerChild),
    })
    this.crew.onChange = () => {
      for (const wait of this.waits) wait.finish()
    }
  }

  /**
   * Calls a function in a worker and waits for what it gives. Killed or timed out, a call that no worker has begun is not made.
   *
   * @param target the function
   * @param args its arguments
   * @throws what it throws; {ProcessDiedError} if its worker dies; {SerializationError} for an argument that cannot be sent;
   *   {TimeoutError} when the time is over; {RangeError} if the pool is not running
   */
  apply<T = unknown>(target: Target, args: readonly unknown[] = [], options: ApplyOptions = {}): Operation<T> {
    const timeout = checkTimeout(options.timeout)
    const checked = this.check(target)
    return new Call<[() => PoolResult<T>, TimeLimit], T>(waitOrCancel, [
      () => this.applyAsync<T>(checked, args),
      timeout,
    ])
  }

  /**
   * Has a function called in a worker, without waiting.
   *
   * @param callbacks what to call when it is done
   * @throws {RangeError} if the pool is not running
   */
  applyAsync<T = unknown>(
    target: Target,
    args: readonly unknown[] = [],
    callbacks: ResultCallbacks<T> = {},
  ): PoolResult<T> {
    const checked = this.check(target)
    if (!Array.isArray(args)) throw new TypeError(`Expected \`args\` to be an array, got ${show(args)}`)
    let task: Task | undefined
    const result = new PoolResult<T>(callbacks, () => task !== undefined && this.crew.drop(task))
    task = this.submit(checked, 'apply', args, ([[failed, value] = [true, undefined]]) => result.settle(failed, value))
    return result
  }

  /**
   * Calls a function with each item and waits for all; the results are in order. Other items go on when one fails, and then the first
   * error is thrown.
   *
   * @param items what to call it with, one by one; all are taken at first
   * @param options see `MapOptions`
   */
  map<T = unknown>(target: Target, items: Iterable<unknown>, options: MapOptions = {}): Operation<T[]> {
    return this.mapWith<T>('map', target, items, options)
  }

  /** As `map`, for items that are arrays of arguments. */
  starmap<T = unknown>(target: Target, items: Iterable<readonly unknown[]>, options: MapOptions = {}): Operation<T[]> {
    return this.mapWith<T>('star', target, items, options)
  }

  /** As `map`, without waiting. */
  mapAsync<T = unknown>(
    target: Target,
    items: Iterable<unknown>,
    options: { chunksize?: number } & ResultCallbacks<T[]> = {},
  ): PoolResult<T[]> {
    return this.mapAsyncWith<T>('map', this.check(target), items, options)
  }

  /** As `starmap`, without waiting. */
  starmapAsync<T = unknown>(
    target: Target,
    items: Iterable<readonly unknown[]>,
    options: { chunksize?: number } & ResultCallbacks<T[]> = {},
  ): PoolResult<T[]> {
    return this.mapAsyncWith<T>('star', this.check(target), items, options)
  }

  /**
   * Calls a function with each item, and gives the results in order as they come. An error takes the place of its result: `next`
   * throws it, and goes on after it. Items are taken as they are needed, a few chunks ahead.
   *
   * @param options `chunksize`: how many items go to a worker at a time, from 1 up. Default 1
   * @example
   * yield* each(pool.imap(work, urls), (page) => console.log(page))
   */
  imap<T = unknown>(target: Target, items: Iterable<unknown>, options: { chunksize?: number } = {}): PoolIterator<T> {
    return this.iterate<T>(target, items, options, true)
  }

  /** As `imap`, with each result as soon as it is there. */
  imapUnordered<T = unknown>(
    target: Target,
    items: Iterable<unknown>,
    options: { chunksize?: number } = {},
  ): PoolIterator<T> {
    return this.iterate<T>(target, items, options, false)
  }

  private iterate<T>(
    target: Target,
    items: Iterable<unknown>,
    options: { chunksize?: number },
    ordered: boolean,
  ): PoolIterator<T> {
    const checked = this.check(target)
    const { chunksize = 1 } = options
    return new PoolIterator<T>(checkIterable(items), checkCount('chunksize', chunksize), ordered, this.processes, {
      submit: (chunk, onEnd) => this.submit(checked, 'map', chunk, onEnd),
      drop: (task) => this.crew.drop(task),
    })
  }

  private mapWith<T>(how: How, target: Target, items: Iterable<unknown>, options: MapOptions): Operation<T[]> {
    const timeout = checkTimeout(options.timeout)
    const checked = this.check(target)
    checkIterable(items)
    if (options.chunksize !== undefined) checkCount('chunksize', options.chunksize)
    const begin = () => this.mapAsyncWith<T>(how, checked, items, options)
    return new Call<[() => PoolResult<T[]>, TimeLimit], T[]>(waitOrCancel, [begin, timeout])
  }

  private mapAsyncWith<T>(
    how: How,
    target: CheckedTarget,
    items: Iterable<unknown>,
    options: { chunksize?: number } & ResultCallbacks<T[]>,
  ): PoolResult<T[]> {
    this.checkRunning()
    const all = [...checkIterable(items)]
    const share = Math.ceil(all.length / (this.processes * 4)) || 1
    const chunksize = options.chunksize === undefined ? share : checkCount('chunksize', options.chunksize)
    const tasks: Task[] = []
    const result = new PoolResult<T[]>(options, () => {
      for (const task of tasks) this.crew.drop(task)
    })
    const results = new Array<T>(all.length)
    let missing = Math.ceil(all.length / chunksize)
    let failure: Outcome | undefined
    if (missing === 0) result.settle(false, results)
    for (let start = 0; start < all.length; start += chunksize) {
      const chunk = all.slice(start, start + chunksize)
      const task = this.submit(target, how, chunk, (outcomes) => {
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome[0]) failure ??= outcome
          else results[start + index] = outcome[1] as T
        }
        missing -= 1
        if (missing === 0) result.settle(failure !== undefined, failure === undefined ? results : failure[1])
      })
      if (task !== undefined) tasks.push(task)
    }
    return result
  }

  /** Gives work to the crew. What cannot be sent fails by itself. */
  private submit(
    target: CheckedTarget,
    how: How,
    items: readonly unknown[],
    onEnd: (outcomes: readonly Outcome[]) => void,
  ): Task | undefined {
    let task: Task
    try {
      task = { target, how, items: encode(items), retries: this.retries, onEnd }
    } catch (error) {
      onEnd([[true, error]])
      return undefined
    }
    this.crew.add(task)
    return task
  }

  private check(target: Target): CheckedTarget {
    this.checkRunning()
    return checkTargetOnce(target)
  }

  private checkRunning(): void {
    if (this.state !== 'running') throw new RangeError('Expected the pool to be running: Pool not running')
  }

  /** Takes no more work, at once; the workers end when all is done. */
  close(): Operation<undefined> {
    if (this.state === 'running') {
      this.state = 'closed'
      this.crew.close()
    }
    return new Done()
  }

  /** Ends the workers at once; what they have not done fails. The operation that is returned waits until they are gone. */
  terminate(): Operation<undefined> {
    if (this.state !== 'terminated') {
      this.state = 'terminated'
      this.crew.terminate(new ProcessError('The pool was terminated before this was done'))
    }
    return this.join()
  }

  /**
   * Waits until the workers have ended.
   *
   * @param options `timeout`: milliseconds, default without end; when over, the wait just ends
   * @throws {RangeError} at once, if the pool was neither closed nor terminated: it is still running
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    if (this.state === 'running')
      throw new RangeError('Expected the pool to be closed or terminated: Pool is still running')
    return new OutsideWait<undefined>(this, checkTimeout(options.timeout), () => undefined)
  }

  /** Ends the workers, as `terminate` does. */
  [Symbol.dispose](): void {
    this.terminate()
  }

  /** Ends the workers, and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    return this.crew.isGone ? { value: undefined } : undefined
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
    this.crew.keepAlive(true)
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
    if (this.waits.size === 0) this.crew.keepAlive(false)
  }
}

/** Begins, and waits; killed or timed out, what no worker has begun is dropped. */
function* waitOrCancel<T>(begin: () => PoolResult<T>, timeout: TimeLimit): Generator<Suspension, T, unknown> {
  const result = begin()
  try {
    return yield* result.get({ timeout })
  } finally {
    result.cancel()
  }
}

function checkCount(name: string, count: unknown, least = 1): number {
  if (typeof count === 'number' && Number.isInteger(count) && count >= least) return count
  throw new RangeError(`Expected \`${name}\` to be a whole number from ${least} up, got ${show(count)}`)
}

function checkIterable(items: unknown): Iterable<unknown> {
  if (typeof (items as Iterable<unknown> | undefined)?.[Symbol.iterator] === 'function')
    return items as Iterable<unknown>
  throw new TypeError(`Expected \`items\` to be iterable, got ${show(items)}`)
}
