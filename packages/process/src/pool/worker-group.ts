import { builtFile } from '../process/built-file.ts'
import type { ContextName } from '../process/child.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { NoteHandler } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import { PoolWorker } from './pool-worker.ts'

/** Options of the workers of a pool. */
export interface WorkerGroupOptions {
  /** The maximum number of workers. */
  size: number
  /** Whether workers are started only when there is work for them. */
  readonly lazy: boolean
  /** How long a worker may be idle before it is stopped, in milliseconds. */
  readonly idleTime: number
  readonly context: ContextName
  readonly initializer: CheckedTarget | undefined
  readonly initargs: readonly unknown[]
  readonly tasksPerWorker: number
  /** Whether workers may start processes themselves, as those of Python's executors may. Default false. */
  readonly mayHaveChildren?: boolean
  /** The prefix of the workers' names, before their numbers. Default: that of all pools. */
  readonly namePrefix?: string
}

/** Whether the workers are threads that come and go with the work: parts of this process rather than children of it. */
export function areOwnThreads({ context, lazy }: WorkerGroupOptions): boolean {
  return context === 'thread' && lazy
}

/** The callbacks for events of a worker. */
interface WorkerEvents {
  onNote(worker: PoolWorker, ...note: Parameters<NoteHandler>): void
  onEnd(worker: PoolWorker): void
}

let made = 0
const WORK = { module: builtFile('pool/worker'), export: 'work' }

/** The worker processes of a pool, and which of them are idle. */
export class WorkerGroup {
  private readonly options: WorkerGroupOptions
  private readonly events: WorkerEvents
  private readonly workers = new Set<PoolWorker>()
  private readonly idle: PoolWorker[] = []
  private started = 0
  private keepsAlive = false

  constructor(options: WorkerGroupOptions, events: WorkerEvents) {
    this.options = options
    this.events = events
  }

  [Symbol.iterator](): Iterator<PoolWorker> {
    return this.workers.values()
  }

  /** The number of workers that have not been told to stop. */
  get size(): number {
    let count = 0
    for (const worker of this.workers) if (!worker.isStopped) count += 1
    return count
  }

  /** Whether all workers have ended. */
  get isGone(): boolean {
    return this.workers.size === 0
  }

  /** How many more workers are needed for so many tasks. */
  missing(tasks: number, isClosing: boolean): number {
    const { size, lazy } = this.options
    return (isClosing || lazy ? Math.min(size, tasks) : size) - this.size
  }

  /** Whether a worker may take another task: it has not reached its limit of tasks, and there are not too many workers. */
  mayContinue(worker: PoolWorker): boolean {
    return worker.begun < this.options.tasksPerWorker && this.size <= this.options.size
  }

  /** Changes the maximum number of workers, and stops idle ones above it. */
  resize(size: number): void {
    this.options.size = size
    this.stopIdle(this.size - size)
  }

  /** Stops so many idle workers, or all if there are fewer. */
  stopIdle(count: number): void {
    for (const worker of this.idle.slice(0, Math.max(0, count))) this.stop(worker)
  }

  /** Starts a worker, which is idle until it is given a task. */
  start(): void {
    const { context, initializer, initargs, namePrefix, mayHaveChildren = false } = this.options
    made += 1
    const name = namePrefix === undefined ? `PoolWorker-${made}` : `${namePrefix}_${this.started}`
    this.started += 1
    const process = new Process({
      target: WORK,
      args: [initializer, initargs],
      name,
      daemon: true,
      context,
    })
    process.mayHaveChildren = mayHaveChildren
    process.isListed = !areOwnThreads(this.options)
    const worker = new PoolWorker(process)
    process.onNote = (header, payload) => this.events.onNote(worker, header, payload)
    process.onEnd = () => {
      clearTimeout(worker.timer)
      this.workers.delete(worker)
      this.removeIdle(worker)
      this.events.onEnd(worker)
    }
    process.start()
    process.holdsProgram = this.keepsAlive
    this.workers.add(worker)
    this.addIdle(worker)
  }

  /** Marks a worker as idle. */
  addIdle(worker: PoolWorker): void {
    this.idle.push(worker)
    const { idleTime } = this.options
    if (idleTime === Infinity) return
    worker.idleSince = performance.now()
    if (worker.timer === undefined) this.stopWhenIdle(worker, idleTime)
  }

  /**
   * Stops a worker that has been idle for long enough. The timer keeps running while the worker is busy, as most are idle only for
   * a moment.
   */
  private stopWhenIdle(worker: PoolWorker, delay: number): void {
    const look = () => {
      worker.timer = undefined
      if (worker.task !== undefined) return
      const left = this.options.idleTime - (performance.now() - worker.idleSince)
      if (left > 0) this.stopWhenIdle(worker, left)
      else this.stop(worker)
    }
    worker.timer = setTimeout(look, Math.min(delay, LONGEST_DELAY)).unref()
  }

  /** Removes and returns the worker that has been idle longest. */
  takeIdle(): PoolWorker | undefined {
    return this.idle.shift()
  }

  /** Tells a worker to end once it has done its task. */
  stop(worker: PoolWorker): void {
    if (worker.isStopped) return
    worker.isStopped = true
    clearTimeout(worker.timer)
    this.removeIdle(worker)
    tree.note(worker.process.node, ['stop'])
  }

  private removeIdle(worker: PoolWorker): void {
    const index = this.idle.indexOf(worker)
    if (index >= 0) this.idle.splice(index, 1)
  }

  /** Tells all workers to end. */
  stopAll(): void {
    for (const worker of this.workers) this.stop(worker)
  }

  /** Terminates all workers at once, or kills them. */
  terminate(verb: 'terminate' | 'kill'): void {
    for (const worker of this.workers) {
      worker.isStopped = true
      worker.process[verb]()
    }
  }

  /** Sets whether the workers keep the program alive, because somebody waits for them to end. */
  keepAlive(keeps: boolean): void {
    this.keepsAlive = keeps
    for (const worker of this.workers) worker.process.holdsProgram = keeps
  }
}
