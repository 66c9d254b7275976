import type { Operation } from '@greenlit/core'
import { checkWhole } from '@greenlit/core/engine'
import { refuseToSend } from '../codec/registry.ts'
import { type BrokenExecutor, BrokenProcessPool } from '../errors/future-error.ts'
import type { ContextName } from '../process/child.ts'
import { cpuCount } from '../process/current.ts'
import { describeEnd } from '../process/launch.ts'
import { checkContext } from '../process/process-options.ts'
import { Executor, type ExecutorOptions, optionsOf } from './executor.ts'

/** The options of a `ProcessPoolExecutor`. */
export interface ProcessPoolExecutorOptions extends ExecutorOptions {
  /** Whether the workers are operating system processes (the default) or threads of this process. */
  mpContext?: ContextName | undefined
  /** The number of calls after which a worker is replaced; a chunk of `map` counts as one. Default: never. */
  maxTasksPerChild?: number | undefined
}

/**
 * An executor whose workers are processes (concurrent.futures.ProcessPoolExecutor). If one of them dies, the executor is broken:
 * all unfinished futures fail with `BrokenProcessPool`, the other processes are terminated, and `submit` throws. Use `Pool` if the
 * death of a worker should cost only the call it was running.
 *
 * @example
 * await using executor = new ProcessPoolExecutor(4)
 * const isPrime = { module: new URL('./primes.mjs', import.meta.url), export: 'isPrime' }
 * for await (const prime of executor.map<boolean>(isPrime, numbers, { chunksize: 100 })) console.log(prime)
 */
export class ProcessPoolExecutor extends Executor {
  /**
   * @param maxWorkers the maximum number of processes, from 1 to 32,768. Default: the number of processors
   * @param options see `ProcessPoolExecutorOptions`; may be passed as the only argument
   * @throws {RangeError} for a number out of bounds; {TypeError} for a value that is not a number, or an invalid initializer
   */
  constructor(maxWorkers?: number | ProcessPoolExecutorOptions, options?: ProcessPoolExecutorOptions) {
    const [size = cpuCount(), given] = optionsOf(maxWorkers, options)
    const { mpContext = 'process', maxTasksPerChild = Infinity } = given
    const tasksPerWorker =
      maxTasksPerChild === Infinity ? Infinity : checkWhole(maxTasksPerChild, 'maxTasksPerChild', 1)
    super({ size, context: checkContext(mpContext), tasksPerWorker }, given)
    this.dispatcher.onDeath = (exitcode) => {
      const end = describeEnd(exitcode)
      this.dispatcher.terminate(new BrokenProcessPool(`The executor is broken, as one of its processes died: ${end}`))
    }
  }

  /**
   * Terminates all processes with SIGTERM and shuts the executor down, immediately: running calls fail with `BrokenProcessPool`, the
   * others are cancelled. The returned operation waits until the processes have ended.
   */
  terminateWorkers(): Operation<undefined> {
    return this.endWorkers('terminate')
  }

  /** Like `terminateWorkers`, with SIGKILL, which a process cannot handle. */
  killWorkers(): Operation<undefined> {
    return this.endWorkers('kill')
  }

  private endWorkers(verb: 'terminate' | 'kill'): Operation<undefined> {
    const ended = this.shutdown({ cancelFutures: true })
    const done = verb === 'kill' ? 'killed' : 'terminated'
    this.dispatcher.terminate(new BrokenProcessPool(`The executor is broken, as its processes were ${done}`), verb)
    return ended
  }

  /** @internal */
  protected broken(cause: Error): BrokenExecutor {
    return new BrokenProcessPool(cause.message, { cause: cause.cause })
  }
}

refuseToSend([ProcessPoolExecutor])
