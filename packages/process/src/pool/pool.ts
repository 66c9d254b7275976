import type { Operation } from '@greenlit/core'
import { checkOptions, checkWhole, Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { ProcessError } from '../errors/process-error.ts'
import { checkInitializer } from '../process/check-initializer.ts'
import type { ContextName } from '../process/child.ts'
import { cpuCount } from '../process/current.ts'
import { checkContext } from '../process/process-options.ts'
import type { Target } from '../process/target.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { BasePool } from './base-pool.ts'
import { checkWorkers } from './check-workers.ts'
import { Crew } from './crew.ts'

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
export class Pool extends BasePool implements Awaited<undefined> {
  /** @internal */
  readonly name = 'Pool.join'
  /** How many workers there are. */
  readonly processes: number
  protected readonly crew: Crew
  protected readonly retries: number
  private readonly waits = new Set<OutsideWait<undefined>>()
  private state: 'running' | 'closed' | 'terminated' = 'running'

  /**
   * @param processes how many workers, from 1 to 32,768. Default: as many as there are processors
   * @param options see `PoolOptions`
   * @throws {RangeError} for a number out of bounds; {TypeError} for what is no number, and an initializer that is no target
   */
  constructor(processes: number = cpuCount(), options: PoolOptions = {}) {
    super()
    const given = checkOptions(options)
    const { maxTasksPerChild, context = 'process', retries = 0 } = given
    this.processes = checkWorkers(processes, 'processes', 1)
    this.retries = retries === Infinity ? retries : checkWhole(retries, 'retries', 0)
    this.crew = new Crew({
      size: this.processes,
      context: checkContext(context),
      ...checkInitializer(given),
      lazy: false,
      idleTime: Infinity,
      tasksPerWorker: maxTasksPerChild === undefined ? Infinity : checkWhole(maxTasksPerChild, 'maxTasksPerChild', 1),
    })
    this.crew.onChange = () => {
      for (const wait of this.waits) wait.finish()
    }
  }

  protected get most(): number {
    return this.processes
  }

  protected checkRunning(): void {
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
    return new OutsideWait<undefined>(this, timeoutOf(options), () => undefined)
  }

  /** Ends the workers, as `terminate` does. */
  [Symbol.dispose](): void {
    this.terminate()
  }

  /** Ends the workers, and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }

  override toString(): string {
    return `<Pool ${this.state} processes=${this.processes}>`
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
