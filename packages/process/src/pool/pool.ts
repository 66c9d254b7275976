import type { Operation } from '@greenlit/core'
import { checkOptions, checkWhole, Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { ProcessError } from '../errors/process-error.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import type { ContextName } from '../process/child.ts'
import { cpuCount } from '../process/current.ts'
import { checkContext } from '../process/process-options.ts'
import type { Target } from '../process/target.ts'
import { ExternalWait, type WaitSource } from '../wait/external-wait.ts'
import { BasePool } from './base-pool.ts'
import { checkWorkers } from './check-workers.ts'
import { Dispatcher } from './dispatcher.ts'

/** Options of a pool. */
export interface PoolOptions {
  /** A function that each worker calls before its first task. */
  initializer?: Target | undefined
  /** The arguments of the initializer. */
  initargs?: readonly unknown[] | undefined
  /** The number of tasks after which a worker is replaced; a chunk of a map is one task. Default no limit. */
  maxTasksPerChild?: number | undefined
  /** Whether workers are operating-system processes, the default, or threads of this process. */
  context?: ContextName | undefined
  /** How often a task is handed to another worker when one dies while running it. Default 0: the task fails. */
  retries?: number | undefined
}

/**
 * Worker processes that call exported functions (Python: multiprocessing.Pool). A pool starts them at once, replaces those that
 * die, and ends with this process.
 *
 * @example
 * const pool = new Pool(4)
 * const work = { module: new URL('./work.mjs', import.meta.url), export: 'square' }
 * yield* pool.map(work, [1, 2, 3]) // [1, 4, 9]
 * pool.close()
 * yield* pool.join()
 */
export class Pool extends BasePool implements WaitSource<undefined> {
  /** @internal */
  readonly name = 'Pool.join'
  /** The number of workers. */
  readonly processes: number
  protected readonly dispatcher: Dispatcher
  protected readonly retries: number
  private readonly waits = new Set<ExternalWait<undefined>>()
  private state: 'running' | 'closed' | 'terminated' = 'running'

  /**
   * @param processes the number of workers, from 1 to 32,768. Default: the number of processors
   * @param options see `PoolOptions`
   * @throws {RangeError} for a number out of bounds; {TypeError} if it is not a number, or the initializer is not a target
   */
  constructor(processes: number = cpuCount(), options: PoolOptions = {}) {
    super()
    const given = checkOptions(options)
    const { maxTasksPerChild, context = 'process', retries = 0 } = given
    this.processes = checkWorkers(processes, 'processes', 1)
    this.retries = retries === Infinity ? retries : checkWhole(retries, 'retries', 0)
    this.dispatcher = new Dispatcher({
      size: this.processes,
      context: checkContext(context),
      ...checkInitializer(given),
      lazy: false,
      idleTime: Infinity,
      tasksPerWorker: maxTasksPerChild === undefined ? Infinity : checkWhole(maxTasksPerChild, 'maxTasksPerChild', 1),
    })
    this.dispatcher.onChange = () => {
      for (const wait of this.waits) wait.finish()
    }
  }

  protected get most(): number {
    return this.processes
  }

  protected checkRunning(): void {
    if (this.state !== 'running') throw new RangeError('Expected the pool to be running: Pool not running')
  }

  /** Stops accepting work, at once; the workers end when all tasks are done. */
  close(): Operation<undefined> {
    if (this.state === 'running') {
      this.state = 'closed'
      this.dispatcher.close()
    }
    return new Done()
  }

  /** Terminates the workers at once; unfinished tasks fail. The returned operation waits until the workers have ended. */
  terminate(): Operation<undefined> {
    if (this.state !== 'terminated') {
      this.state = 'terminated'
      this.dispatcher.terminate(new ProcessError('The pool was terminated before this was done'))
    }
    return this.join()
  }

  /**
   * Waits until the workers have ended.
   *
   * @param options `timeout`: milliseconds, default no limit; on expiry the wait just ends
   * @throws {RangeError} if the pool is still running, neither closed nor terminated
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    return new ExternalWait<undefined>(this, timeoutOf(options), () => undefined)
  }

  /** Terminates the workers, as `terminate` does. */
  [Symbol.dispose](): void {
    this.terminate()
  }

  /** Terminates the workers and waits until they have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }

  override toString(): string {
    return `<Pool ${this.state} processes=${this.processes}>`
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    if (this.state === 'running')
      throw new RangeError('Expected the pool to be closed or terminated: Pool is still running')
    return this.dispatcher.isGone ? { value: undefined } : undefined
  }

  /** @internal */
  enter(wait: ExternalWait<undefined>): void {
    this.waits.add(wait)
    this.dispatcher.keepAlive(true)
  }

  /** @internal */
  leave(wait: ExternalWait<undefined>): void {
    this.waits.delete(wait)
    if (this.waits.size === 0) this.dispatcher.keepAlive(false)
  }
}

refuseToSend([Pool])
