import { checkCallable, checkWhole, show } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'
import type { ProcessDiedError } from '../errors/process-error.ts'
import { checkWorkers } from '../pool/check-workers.ts'
import { cpuCount } from '../process/current.ts'
import { checkDaemon, checkName } from '../process/process-options.ts'
import type { SetWorker } from './set-worker.ts'

/** The options of a `WorkerSet`. */
export interface WorkerSetOptions {
  /** The maximum number of workers, at least 1; `Infinity` for no limit. Default: the number of processors. */
  size?: number | undefined
  /**
   * The number of workers that are started with the set and replaced when they die, at most 32,768. The others are started when all
   * have `tasks` tasks. Default: `size`.
   */
  min?: number | undefined
  /** How many tasks a worker is given at a time, at least 1; further `give` and `ask` calls wait. Default `Infinity`. */
  tasks?: number | undefined
  /** The arguments for the target. Default: none. */
  args?: readonly unknown[] | undefined
  /** The workers' name, to which a number is appended. Default 'Worker'. */
  name?: string | undefined
  /** Whether they do not keep this process alive and end with it; they can then have only threads as children. Default false. */
  daemon?: boolean | undefined
  /** The delay before a dead worker is replaced, in milliseconds; doubled with each consecutive death. Default 100. */
  backoff?: number | undefined
  /** The maximum of that delay, in milliseconds. Default 30,000. */
  maxBackoff?: number | undefined
  /** The uptime after which a worker's death no longer counts as consecutive, in milliseconds. Default 10,000. */
  minUptime?: number | undefined
  /** Called for each worker that ends unexpectedly. Default: `hub.handleError`, which also gets the errors of this function. */
  onDeath?: ((worker: SetWorker, error: ProcessDiedError) => void) | undefined
  /** Called with each message of `Receiver.say`; its errors go to `hub.handleError`. By default messages are ignored. */
  onMessage?: ((worker: SetWorker, message: unknown) => void) | undefined
}

/** Checks the options and fills in the defaults, except for `onDeath` and `onMessage`, which are only checked. */
export function settingsOf(options: WorkerSetOptions) {
  const { size = cpuCount(), min = size, tasks = Infinity, args = [], name = 'Worker', daemon = false } = options
  const { backoff = 100, maxBackoff = 30_000, minUptime = 10_000 } = options
  checkCount(size, 'size', 1)
  checkCount(min, 'min', 0)
  if (min > size || min === Infinity)
    throw new RangeError(`Expected \`min\` to be a whole number up to \`size\` (${size}), got ${min}`)
  checkWorkers(min, 'min', 0)
  checkCount(tasks, 'tasks', 1)
  if (!Array.isArray(args)) throw new TypeError(`Expected \`args\` to be an array, got ${show(args)}`)
  checkName(name)
  checkDaemon(daemon)
  checkMilliseconds(backoff, 'backoff')
  checkMilliseconds(maxBackoff, 'maxBackoff')
  checkMilliseconds(minUptime, 'minUptime')
  if (options.onDeath !== undefined) checkCallable(options.onDeath, 'onDeath')
  if (options.onMessage !== undefined) checkCallable(options.onMessage, 'onMessage')
  return { size, min, tasks, args, name, daemon, backoff, maxBackoff, minUptime }
}

function checkCount(value: unknown, name: string, least: number): void {
  if (value !== Infinity) checkWhole(value, name, least)
}
