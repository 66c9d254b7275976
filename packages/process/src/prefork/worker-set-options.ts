import { checkCallable, checkWhole } from '@greenlit/core/engine'
import { checkMilliseconds } from '../check-milliseconds.ts'
import type { ProcessDiedError } from '../errors/process-error.ts'
import { checkWorkers } from '../pool/check-workers.ts'
import { cpuCount } from '../process/current.ts'
import type { SetWorker } from './set-worker.ts'

/** How a set of workers is kept up. */
export interface WorkerSetOptions {
  /** How many workers there may be, from 1 up; `Infinity` for no bound. Default: as many as there are processors. */
  size?: number
  /** How many are there from the start, and are replaced when they die; the others come when all are busy; 32,768 at most. Default: `size`. */
  min?: number
  /** How many things a worker is given at a time, from 1 up; further ones wait for room. Default `Infinity`. */
  tasks?: number
  /** What each is called with. Default nothing. */
  args?: readonly unknown[]
  /** What they are called, with a number behind. Default 'Worker'. */
  name?: string
  /** Whether they do not keep this process alive, and are ended with it; their children may then be threads only. Default false. */
  daemon?: boolean
  /** How long to wait before a worker that died is replaced, in milliseconds; doubled with each death in a row. Default 100. */
  backoff?: number
  /** The longest such wait, in milliseconds. Default 30 000. */
  maxBackoff?: number
  /** How long a worker must live for its death not to count as one in a row, in milliseconds. Default 10 000. */
  minUptime?: number
  /** Is told of each worker that ends though it was not to. Default: `hub.handleError`, which what it throws goes to as well. */
  onDeath?: (worker: SetWorker, error: ProcessDiedError) => void
  /** Is told what a worker says with `Receiver.say`; what it throws goes to `hub.handleError`. Default: nobody is. */
  onMessage?: (worker: SetWorker, message: unknown) => void
}

/** The options, each checked and with its default; `onDeath` and `onMessage` stay open. */
export function settingsOf(options: WorkerSetOptions) {
  const { size = cpuCount(), min = size, tasks = Infinity, args = [], name = 'Worker', daemon = false } = options
  const { backoff = 100, maxBackoff = 30_000, minUptime = 10_000 } = options
  checkCount(size, 'size', 1)
  checkCount(min, 'min', 0)
  if (min > size || min === Infinity)
    throw new RangeError(`Expected \`min\` to be a whole number up to \`size\` (${size}), got ${min}`)
  checkWorkers(min, 'min', 0)
  checkCount(tasks, 'tasks', 1)
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
