import { show } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { type BrokenExecutor, BrokenThreadPool } from '../errors/future-error.ts'
import { cpuCount } from '../process/current.ts'
import { Executor, type ExecutorOptions, optionsOf } from './executor.ts'

/** The options of a `ThreadPoolExecutor`. */
export interface ThreadPoolExecutorOptions extends ExecutorOptions {
  /** The prefix of its threads' names, followed by `_0`, `_1`, ... Default: `ThreadPoolExecutor-0` for the first executor. */
  threadNamePrefix?: string | undefined
}

let made = 0

/**
 * An executor whose workers are threads (concurrent.futures.ThreadPoolExecutor). `SharedArrayBuffer`s are shared with them, and
 * values marked with `transfer` are moved without a copy. If a thread dies during a call, that call fails with `ProcessDiedError`
 * and another thread takes its place. An initializer that throws breaks the executor: `BrokenThreadPool`.
 *
 * @example
 * await using executor = new ThreadPoolExecutor(4)
 * const scrypt = { module: 'node:crypto', export: 'scryptSync' }
 * const key = await executor.submit<Uint8Array>(scrypt, 'password', 'salt', 32).result({ timeout: 10_000 })
 */
export class ThreadPoolExecutor extends Executor {
  /**
   * @param maxWorkers the maximum number of threads, from 1 to 32,768. Default: the number of processors plus 4, at most 32
   * @param options see `ThreadPoolExecutorOptions`; may be passed as the only argument
   * @throws {RangeError} for a number out of bounds; {TypeError} for a value that is not a number, or an invalid initializer
   */
  constructor(maxWorkers?: number | ThreadPoolExecutorOptions, options?: ThreadPoolExecutorOptions) {
    const [size = Math.min(32, cpuCount() + 4), given] = optionsOf(maxWorkers, options)
    const threadNamePrefix: unknown = given.threadNamePrefix ?? ''
    if (typeof threadNamePrefix !== 'string')
      throw new TypeError(`Expected \`threadNamePrefix\` to be a string, got ${show(threadNamePrefix)}`)
    const namePrefix = threadNamePrefix || `ThreadPoolExecutor-${made}`
    super({ size, context: 'thread', tasksPerWorker: Infinity, namePrefix }, given)
    made += 1
  }

  /** @internal */
  protected broken(cause: Error): BrokenExecutor {
    return new BrokenThreadPool(cause.message, { cause: cause.cause })
  }
}

refuseToSend([ThreadPoolExecutor])
