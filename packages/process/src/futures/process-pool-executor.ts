import { checkWhole } from '@greenlit/core/engine'
import type { ContextName } from '../process/child.ts'
import { cpuCount } from '../process/current.ts'
import { describeEnd } from '../process/launch.ts'
import { checkContext } from '../process/process-options.ts'
import { type BrokenExecutor, BrokenProcessPool } from './errors.ts'
import { Executor, type ExecutorOptions, optionsOf } from './executor.ts'

/** How a `ProcessPoolExecutor` works. */
export interface ProcessPoolExecutorOptions extends ExecutorOptions {
  /** Whether workers are processes of the system, which is the default, or threads of this one. */
  mpContext?: ContextName
  /** After how many calls a worker is replaced by a new one; a chunk of a map is one. Default never. */
  maxTasksPerChild?: number
}

/**
 * An executor whose workers are processes (concurrent.futures.ProcessPoolExecutor). The death of one breaks it: all futures that have
 * not ended fail with `BrokenProcessPool`, the other processes are ended, and `submit` throws. Where one death should cost one call
 * only, use `Pool`.
 *
 * @example
 * await using executor = new ProcessPoolExecutor(4)
 * const isPrime = { module: new URL('./primes.mjs', import.meta.url), export: 'isPrime' }
 * for await (const prime of executor.map<boolean>(isPrime, numbers, { chunksize: 100 })) console.log(prime)
 */
export class ProcessPoolExecutor extends Executor {
  /**
   * @param maxWorkers how many processes there may be, from 1 to 32,768. Default: as many as there are processors
   * @param options see `ProcessPoolExecutorOptions`; they may stand alone
   * @throws {RangeError} for a number out of bounds; {TypeError} for what is no number, and an initializer that is no target
   */
  constructor(maxWorkers?: number | ProcessPoolExecutorOptions, options?: ProcessPoolExecutorOptions) {
    const [size = cpuCount(), given] = optionsOf(maxWorkers, options)
    const { mpContext = 'process', maxTasksPerChild = Infinity } = given
    const tasksPerWorker =
      maxTasksPerChild === Infinity ? Infinity : checkWhole(maxTasksPerChild, 'maxTasksPerChild', 1)
    super({ size, context: checkContext(mpContext), tasksPerWorker }, given)
    this.crew.onDeath = (exitcode) => {
      const end = describeEnd(exitcode)
      this.crew.terminate(new BrokenProcessPool(`The executor is broken, as one of its processes died: ${end}`))
    }
  }

  /** @internal */
  protected broken(cause: Error): BrokenExecutor {
    return new BrokenProcessPool(cause.message, { cause: cause.cause })
  }
}
