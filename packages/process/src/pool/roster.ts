import { builtFile } from '../process/built-file.ts'
import type { ContextName } from '../process/child.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import type { NoteTaker } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import { CrewWorker } from './crew-worker.ts'

/** How the workers of a pool are kept. */
export interface RosterOptions {
  /** How many workers there may be. */
  size: number
  /** Whether workers are started only when there is work for them. */
  readonly lazy: boolean
  /** How long a worker may be without work before it ends, in milliseconds. */
  readonly idleTime: number
  readonly context: ContextName
  readonly initializer: CheckedTarget | undefined
  readonly initargs: readonly unknown[]
  readonly tasksPerWorker: number
  /** Whether workers may start processes themselves, as Python's executors let them. Default false. */
  readonly mayHaveChildren?: boolean
  /** What the names of workers begin with, before their numbers. Default: as all pools' do. */
  readonly namePrefix?: string
}

/** Who is told of a worker. */
interface WorkerEvents {
  heard(worker: CrewWorker, ...note: Parameters<NoteTaker>): void
  ended(worker: CrewWorker): void
}

let made = 0
const WORK = { module: builtFile('pool/worker'), export: 'work' }

/** The workers of a pool: who they are, and who of them has nothing to do. */
export class Roster {
  private readonly options: RosterOptions
  private readonly events: WorkerEvents
  private readonly workers = new Set<CrewWorker>()
  private readonly idle: CrewWorker[] = []
  private started = 0
  private keepsAlive = false

  constructor(options: RosterOptions, events: WorkerEvents) {
    this.options = options
    this.events = events
  }

  [Symbol.iterator](): Iterator<CrewWorker> {
    return this.workers.values()
  }

  /** How many there are that were not told to end. */
  get size(): number {
    let count = 0
    for (const worker of this.workers) if (!worker.isStopped) count += 1
    return count
  }

  /** Whether all have ended. */
  get isGone(): boolean {
    return this.workers.size === 0
  }

  /** How many more are wanted, for so many tasks. */
  missing(tasks: number, isClosing: boolean): number {
    const { size, lazy } = this.options
    return (isClosing || lazy ? Math.min(size, tasks) : size) - this.size
  }

  /** Whether a worker may go on: it has not done all that it may, and there are not too many. */
  keeps(worker: CrewWorker): boolean {
    return worker.begun < this.options.tasksPerWorker && this.size <= this.options.size
  }

  /** Changes how many there may be, and ends idle ones that are too many. */
  resize(size: number): void {
    this.options.size = size
    for (let surplus = this.size - size; surplus > 0 && this.idle.length > 0; surplus -= 1) this.stop(this.idle[0]!)
  }

  /** Starts one, which is idle until it is given a task. */
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
    const worker = new CrewWorker(process)
    process.onNote = (header, payload) => this.events.heard(worker, header, payload)
    process.onEnd = () => {
      clearTimeout(worker.timer)
      this.workers.delete(worker)
      this.leaveIdle(worker)
      this.events.ended(worker)
    }
    process.start()
    process.holdsProgram = this.keepsAlive
    this.workers.add(worker)
    this.idle.push(worker)
  }

  /** One has nothing to do. */
  rest(worker: CrewWorker): void {
    this.idle.push(worker)
    const { idleTime } = this.options
    if (idleTime === Infinity) return
    worker.idleSince = performance.now()
    if (worker.timer === undefined) this.stopWhenIdle(worker, idleTime)
  }

  /** Stops one that has nothing to do for long enough. The timer stays while it works, as most rest only for a moment. */
  private stopWhenIdle(worker: CrewWorker, delay: number): void {
    const look = () => {
      worker.timer = undefined
      if (worker.task !== undefined) return
      const left = this.options.idleTime - (performance.now() - worker.idleSince)
      if (left > 0) this.stopWhenIdle(worker, left)
      else this.stop(worker)
    }
    worker.timer = setTimeout(look, Math.min(delay, LONGEST_DELAY)).unref()
  }

  /** Takes the one that has had nothing to do for longest. */
  take(): CrewWorker | undefined {
    return this.idle.shift()
  }

  /** Tells one to end when it has done its task. */
  stop(worker: CrewWorker): void {
    if (worker.isStopped) return
    worker.isStopped = true
    clearTimeout(worker.timer)
    this.leaveIdle(worker)
    tree.note(worker.process.node, ['stop'])
  }

  private leaveIdle(worker: CrewWorker): void {
    const index = this.idle.indexOf(worker)
    if (index >= 0) this.idle.splice(index, 1)
  }

  /** Tells all to end. */
  stopAll(): void {
    for (const worker of this.workers) this.stop(worker)
  }

  /** Ends all at once. */
  terminate(): void {
    for (const worker of this.workers) {
      worker.isStopped = true
      worker.process.terminate()
    }
  }

  /** Whether their lives keep the program alive, as somebody waits for their ends. */
  keepAlive(keeps: boolean): void {
    this.keepsAlive = keeps
    for (const worker of this.workers) worker.process.holdsProgram = keeps
  }
}
