import { cpuCount } from '../process/current.ts'
import { type BrokenExecutor, BrokenThreadPool } from './errors.ts'
import { Executor, type ExecutorOptions, optionsOf } from './executor.ts'

/** How a `ThreadPoolExecutor` works. */
export interface ThreadPoolExecutorOptions extends ExecutorOptions {
  /** What the names of its threads begin with, before `_0`, `_1`, ... Default: `ThreadPoolExecutor-0` for the first executor. */
  threadNamePrefix?: string
}

let made = 0

/**
 * An executor whose workers are threads (concurrent.futures.ThreadPoolExecutor). `SharedArrayBuffer`s are shared with them, and what
 * is marked with `transfer` is handed over without a copy. The call of a thread that ends over it fails with `ProcessDiedError`, and
 * another thread takes its place; an initializer that throws breaks the executor: `BrokenThreadPool`.
 *
 * @example
 * await using executor = new ThreadPoolExecutor(4)
 * const scrypt = { module: 'node:crypto', export: 'scryptSync' }
 * const key = await executor.submit<Uint8Array>(scrypt, 'password', 'salt', 32).result({ timeout: 10_000 })
 */
export class ThreadPoolExecutor extends Executor {
  /**
   * @param maxWorkers how many threads there may be, from 1 to 32,768. Default: 4 more than there are processors, 32 at most
   * @param options see `ThreadPoolExecutorOptions`; they may stand alone
   * @throws {RangeError} for a number out of bounds; {TypeError} for what is no number, and an initializer that is no target
   */
  constructor(maxWorkers?: number | ThreadPoolExecutorOptions, options?: ThreadPoolExecutorOptions) {
    const [size = Math.min(32, cpuCount() + 4), given] = optionsOf(maxWorkers, options)
    const namePrefix = given.threadNamePrefix || `ThreadPoolExecutor-${made}`
    super({ size, context: 'thread', tasksPerWorker: Infinity, namePrefix }, given)
    made += 1
  }

  /** @internal */
  protected broken(cause: Error): BrokenExecutor {
    return new BrokenThreadPool(cause.message, { cause: cause.cause })
  }
}
