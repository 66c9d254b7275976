import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'
import { refuseToSend } from '../codec/registry.ts'
import { ProcessError } from '../errors/process-error.ts'
import { BasePool } from '../pool/base-pool.ts'
import { checkWorkers } from '../pool/check-workers.ts'
import { Dispatcher } from '../pool/dispatcher.ts'
import type { PoolResult } from '../pool/result.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import { cpuCount } from '../process/current.ts'
import { checkTargetOnce, type Target } from '../process/target.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'

/** The options of a `ThreadPool`. */
export interface ThreadPoolOptions {
  /** How long a thread may be idle before it exits, in milliseconds; `Infinity` keeps it. Default 5000. */
  idleTaskTimeout?: number | undefined
  /** A function that each thread runs before its first task. */
  initializer?: Target | undefined
  /** The arguments for `initializer`. */
  initargs?: readonly unknown[] | undefined
}

/** The default of `ThreadPoolOptions.idleTaskTimeout`. */
const IDLE_TIME = 5000

/**
 * A pool of threads that call exported functions, for work that would block this thread (gevent: ThreadPool). Threads are started
 * on demand and exit when they are idle. `SharedArrayBuffer`s are shared with them, and values marked with `transfer` are moved
 * without a copy. An idle pool does not keep the program alive.
 *
 * @example
 * const pool = new ThreadPool(4)
 * const digest = { module: new URL('./digest.mjs', import.meta.url), export: 'digest' }
 * yield* pool.apply(digest, [bytes])
 */
export class ThreadPool extends BasePool {
  protected dispatcher: Dispatcher
  protected readonly retries = 0
  private readonly makeDispatcher: () => Dispatcher
  private limit: number
  private readonly waits = new Set<ExternalWait<undefined>>()
  private isClosed = false

  /**
   * @param maxsize the maximum number of threads, from 0 to 32,768. Default: the number of processors
   * @param options see `ThreadPoolOptions`
   * @throws {RangeError} for a number out of bounds; {TypeError} for a value that is not a number, or an invalid initializer
   */
  constructor(maxsize: number = cpuCount(), options: ThreadPoolOptions = {}) {
    super()
    const given = checkOptions(options)
    const { idleTaskTimeout = IDLE_TIME } = given
    checkMilliseconds(idleTaskTimeout, 'idleTaskTimeout')
    this.limit = checkWorkers(maxsize, 'maxsize', 0)
    const initializer = checkInitializer(given)
    this.makeDispatcher = () => {
      const dispatcher = new Dispatcher({
        size: this.limit,
        lazy: true,
        idleTime: idleTaskTimeout,
        context: 'thread',
        ...initializer,
        tasksPerWorker: Infinity,
      })
      dispatcher.onChange = () => this.checkWaits()
      return dispatcher
    }
    this.dispatcher = this.makeDispatcher()
  }

  private checkWaits(): void {
    for (const wait of this.waits) wait.finish()
  }

  /**
   * The maximum number of threads, from 0 to 32,768. When it is lowered, surplus threads exit once they have finished their calls;
   * when it is raised, waiting calls are started.
   */
  get maxsize(): number {
    return this.limit
  }

  set maxsize(maxsize: number) {
    this.limit = checkWorkers(maxsize, 'maxsize', 0)
    this.dispatcher.resize(this.limit)
    this.checkWaits()
  }

  /**
   * The current number of threads. When it is raised, threads are started in advance; when it is lowered, surplus idle threads exit.
   *
   * @throws {RangeError} on setting it to a number below 0 or above `maxsize`
   */
  get size(): number {
    return this.dispatcher.size
  }

  set size(size: number) {
    if (checkWorkers(size, 'size', 0) > this.limit)
      throw new RangeError(`Expected \`size\` to be at most \`maxsize\` (${this.limit}), got ${size}`)
    this.dispatcher.keep(size)
  }

  /** The number of unfinished calls. */
  get length(): number {
    return this.dispatcher.unfinished
  }

  protected get most(): number {
    return Math.max(1, this.limit)
  }

  protected checkRunning(): void {
    if (this.isClosed) throw new RangeError('Expected the pool to be running: Pool not running')
  }

  protected override chunksizeFor(): number {
    return 1
  }

  /**
   * Calls a function in a thread (gevent: spawn). Waits first while all threads are busy and another call is already queued.
   *
   * @param target the function
   * @param args its arguments
   * @returns its eventual result
   * @throws {TypeError} immediately, for an invalid target; {RangeError} if the pool is closed
   */
  spawn<T = unknown>(target: Target, ...args: readonly unknown[]): Operation<PoolResult<T>> {
    const checked = checkTargetOnce(target)
    return new Call<[ThreadPool, Target, readonly unknown[]], PoolResult<T>>(spawnInThread, [this, checked, args])
  }

  /** @internal Waits until another call may be queued. */
  untilQueueable(): Operation<undefined> {
    return this.waitUntil('ThreadPool.spawn', () => this.length <= this.limit, undefined)
  }

  /**
   * Waits until all calls have finished.
   *
   * @param options `timeout`: milliseconds, unlimited by default; when it expires, `join` returns without an error
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return this.waitUntil('ThreadPool.join', () => this.length === 0, timeoutOf(options))
  }

  /** Stops accepting calls, immediately; the threads exit once all calls have finished (Python: multiprocessing.pool.ThreadPool). */
  close(): Operation<undefined> {
    this.isClosed = true
    this.dispatcher.close()
    return new Done()
  }

  /** Closes the pool and terminates all threads, as `kill` does. */
  terminate(): Operation<undefined> {
    this.isClosed = true
    return this.kill()
  }

  /**
   * Terminates all threads immediately; their unfinished calls fail. The pool can be used again. The returned operation waits until
   * the threads are gone.
   */
  kill(): Operation<undefined> {
    const { dispatcher } = this
    this.dispatcher = this.makeDispatcher()
    dispatcher.terminate(new ProcessError('The thread pool was killed before this was done'))
    // If there are no threads, no exit triggers this.
    this.checkWaits()
    // Idle threads do not keep the program alive, but waiting for their exit does.
    return this.waitUntil(
      'ThreadPool.kill',
      () => dispatcher.isGone,
      undefined,
      (waits) => dispatcher.keepAlive(waits),
    )
  }

  private waitUntil(
    name: string,
    holds: () => boolean,
    timeout: TimeLimit,
    onWait: (waits: boolean) => void = () => {},
  ): Operation<undefined> {
    const source: WaitSource<undefined> = {
      name,
      ready: () => (holds() ? { value: undefined } : undefined),
      enter: (wait) => {
        this.waits.add(wait)
        onWait(true)
      },
      leave: (wait) => {
        this.waits.delete(wait)
        onWait(false)
      },
    }
    return new ExternalWait<undefined>(source, timeout, () => undefined)
  }

  override toString(): string {
    return `<ThreadPool threads=${this.size}/${this.limit} unfinished=${this.length}>`
  }

  /** Closes the pool and terminates all threads. */
  [Symbol.dispose](): void {
    this.terminate()
  }

  /** Closes the pool, terminates all threads and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }
}

function* spawnInThread<T>(
  pool: ThreadPool,
  target: Target,
  args: readonly unknown[],
): Generator<Suspension, PoolResult<T>, unknown> {
  pool.begin()
  yield* pool.untilQueueable()
  return pool.applyAsync<T>(target, args)
}

refuseToSend([ThreadPool])
