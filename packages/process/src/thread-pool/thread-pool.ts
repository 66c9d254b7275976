import type { Operation, Suspension } from '@greenlit/core'
import { Call, checkOptions, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'
import { ProcessError } from '../errors/process-error.ts'
import { BasePool } from '../pool/base-pool.ts'
import { checkWorkers } from '../pool/check-workers.ts'
import { Crew } from '../pool/crew.ts'
import type { PoolResult } from '../pool/result.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import { cpuCount } from '../process/current.ts'
import type { Target } from '../process/target.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'

/** How a thread pool works. */
export interface ThreadPoolOptions {
  /** How long a thread may be without work before it ends, in milliseconds; `Infinity` keeps it. Default 5000. */
  idleTaskTimeout?: number
  /** A function that each thread calls before its first task. */
  initializer?: Target
  /** Its arguments. */
  initargs?: readonly unknown[]
}

/** How long threads without work stay, in milliseconds. */
const IDLE_TIME = 5000

/**
 * Threads that call exported functions, for work that would hold up this one (gevent: ThreadPool). Threads start when there is work
 * for them and end when there is none. `SharedArrayBuffer`s are shared with them, and what is marked with `transfer` is handed
 * over without a copy. A pool does not keep the program alive while nothing is asked of it.
 *
 * @example
 * const pool = new ThreadPool(4)
 * const digest = { module: new URL('./digest.mjs', import.meta.url), export: 'digest' }
 * yield* pool.apply(digest, [bytes])
 */
export class ThreadPool extends BasePool {
  protected crew: Crew
  protected readonly retries = 0
  private readonly makeCrew: () => Crew
  private limit: number
  private readonly waits = new Set<OutsideWait<undefined>>()

  /**
   * @param maxsize how many threads there may be, from 0 to 32,768. Default: as many as there are processors
   * @param options see `ThreadPoolOptions`
   * @throws {RangeError} for a number out of bounds; {TypeError} for what is no number, and an initializer that is no target
   */
  constructor(maxsize: number = cpuCount(), options: ThreadPoolOptions = {}) {
    super()
    const given = checkOptions(options)
    const { idleTaskTimeout = IDLE_TIME } = given
    checkMilliseconds(idleTaskTimeout, 'idleTaskTimeout')
    this.limit = checkWorkers(maxsize, 'maxsize', 0)
    const initializer = checkInitializer(given)
    this.makeCrew = () => {
      const crew = new Crew({
        size: this.limit,
        lazy: true,
        idleTime: idleTaskTimeout,
        context: 'thread',
        ...initializer,
        tasksPerWorker: Infinity,
      })
      crew.onChange = () => this.changed()
      return crew
    }
    this.crew = this.makeCrew()
  }

  private changed(): void {
    for (const wait of this.waits) wait.finish()
  }

  /**
   * How many threads there may be, from 0 to 32,768. Set lower, threads that are too many end when they are done; set higher, what
   * waits is begun.
   */
  get maxsize(): number {
    return this.limit
  }

  set maxsize(maxsize: number) {
    this.limit = checkWorkers(maxsize, 'maxsize', 0)
    this.crew.resize(this.limit)
    this.changed()
  }

  /** How many threads there are now. */
  get size(): number {
    return this.crew.size
  }

  /** How many calls are not done. */
  get length(): number {
    return this.crew.unfinished
  }

  protected get most(): number {
    return Math.max(1, this.limit)
  }

  protected checkRunning(): void {}

  protected override chunksizeFor(): number {
    return 1
  }

  /**
   * Has a function called in a thread. Waits while all threads are busy and one call more is in line (gevent: spawn).
   *
   * @param target the function
   * @param args its arguments
   * @returns its result, yet to come
   * @throws {TypeError} at once, for a target that is none
   */
  spawn<T = unknown>(target: Target, ...args: readonly unknown[]): Operation<PoolResult<T>> {
    const checked = this.check(target)
    return new Call<[ThreadPool, Target, readonly unknown[]], PoolResult<T>>(spawnInThread, [this, checked, args])
  }

  /** @internal Waits until a call may be put in line. */
  untilRoom(): Operation<undefined> {
    return this.until('ThreadPool.spawn', () => this.length <= this.limit, undefined)
  }

  /**
   * Waits until all calls are done.
   *
   * @param options `timeout`: milliseconds, default without end; when over, the wait just ends
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return this.until('ThreadPool.join', () => this.length === 0, timeoutOf(options))
  }

  /** Ends all threads at once; what they have not done fails. The operation that is returned waits until they are gone. */
  kill(): Operation<undefined> {
    const { crew } = this
    this.crew = this.makeCrew()
    crew.terminate(new ProcessError('The thread pool was killed before this was done'))
    // Without threads, no end of one tells it.
    this.changed()
    // Threads without work do not keep the program alive, but who waits for their ends does.
    return this.until(
      'ThreadPool.kill',
      () => crew.isGone,
      undefined,
      (waits) => crew.keepAlive(waits),
    )
  }

  private until(
    name: string,
    holds: () => boolean,
    timeout: TimeLimit,
    onWait: (waits: boolean) => void = () => {},
  ): Operation<undefined> {
    const awaited: Awaited<undefined> = {
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
    return new OutsideWait<undefined>(awaited, timeout, () => undefined)
  }

  override toString(): string {
    return `<ThreadPool threads=${this.size}/${this.limit} unfinished=${this.length}>`
  }

  /** Ends all threads, as `kill` does. */
  [Symbol.dispose](): void {
    this.kill()
  }
}

function* spawnInThread<T>(
  pool: ThreadPool,
  target: Target,
  args: readonly unknown[],
): Generator<Suspension, PoolResult<T>, unknown> {
  yield* pool.untilRoom()
  return pool.applyAsync<T>(target, args)
}
