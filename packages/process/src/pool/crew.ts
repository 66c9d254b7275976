import { decode, type Payload } from '../codec/payload.ts'
import { ProcessDiedError, ProcessError } from '../errors/process-error.ts'
import { builtFile } from '../process/built-file.ts'
import type { ContextName } from '../process/child.ts'
import { describeEnd } from '../process/launch.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { NOTED } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { CrewWorker, type Task } from './crew-worker.ts'
import { decodeOutcomes, type Outcome } from './outcome.ts'

/** How many workers in a row may die before they are ready, for each of the crew, until it gives up. */
const MOST_STILLBORN = 3

/** How a crew works. */
export interface CrewOptions {
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
}

let made = 0
const WORK = { module: builtFile('pool/worker'), export: 'work' }

/**
 * The workers of a pool, and the tasks that wait for one. A worker that dies is replaced; its task goes to another, or fails.
 *
 *     tasks: [c d e]      workers: 1 <- a    2 <- b    3 (idle)
 */
export class Crew {
  private readonly options: CrewOptions
  private readonly workers = new Set<CrewWorker>()
  private readonly idle: CrewWorker[] = []
  private tasks: Task[] = []
  private working = 0
  private stillborn = 0
  private isClosing = false
  private holds = false
  private broken: Error | undefined = undefined
  /** Is called whenever a worker has ended or a task has. */
  onChange: () => void = () => {}

  constructor(options: CrewOptions) {
    this.options = options
    this.recruit()
  }

  /** How many workers there are. */
  get size(): number {
    let count = 0
    for (const worker of this.workers) if (!worker.isStopped) count += 1
    return count
  }

  /** How many tasks are not done. */
  get unfinished(): number {
    return this.tasks.length + this.working
  }

  /** Changes how many workers there may be. */
  resize(size: number): void {
    this.options.size = size
    this.shrink()
    this.recruit()
    this.assign()
  }

  /** Ends idle workers that are too many. */
  private shrink(): void {
    for (let surplus = this.size - this.options.size; surplus > 0 && this.idle.length > 0; surplus -= 1)
      this.stop(this.idle[0]!)
  }

  /** Whether all workers have ended. */
  get isGone(): boolean {
    return this.workers.size === 0
  }

  /** Gives a task to the next free worker. */
  add(task: Task): void {
    if (this.broken !== undefined) {
      task.onEnd([[true, this.broken]])
      return
    }
    this.tasks.push(task)
    this.hold(true)
    this.recruit()
    this.assign()
  }

  /** Takes back a task that no worker has begun; answers whether that was so. */
  drop(task: Task): boolean {
    const index = this.tasks.indexOf(task)
    if (index < 0) return false
    this.tasks.splice(index, 1)
    this.settle()
    return true
  }

  /** Ends the workers when all tasks are done. */
  close(): void {
    this.isClosing = true
    this.letGo()
  }

  /** Ends the workers now; what they have not done fails. */
  terminate(error: Error): void {
    this.isClosing = true
    this.broken ??= error
    this.failAll(error)
    for (const worker of this.workers) {
      worker.isStopped = true
      worker.process.terminate()
    }
  }

  private failAll(error: Error): void {
    const { tasks } = this
    this.tasks = []
    for (const worker of this.workers) {
      if (worker.task === undefined) continue
      tasks.push(worker.task)
      worker.task = undefined
      this.working -= 1
    }
    this.hold(false)
    for (const task of tasks) task.onEnd([[true, error]])
  }

  /** Whether the workers' lives keep the program alive, as somebody waits for their ends. */
  keepAlive(keeps: boolean): void {
    for (const worker of this.workers) worker.process.holdsProgram = keeps
  }

  /** Starts as many workers as there is use for. */
  private recruit(): void {
    if (this.broken !== undefined) return
    const { size, lazy } = this.options
    const wanted = this.isClosing || lazy ? Math.min(size, this.tasks.length + this.working) : size
    try {
      for (let count = this.size; count < wanted; count += 1) this.start()
    } catch (error) {
      // With one worker or more, the others may come later.
      if (this.size === 0) this.fallApart(error)
    }
  }

  private start(): void {
    const { context, initializer, initargs } = this.options
    made += 1
    const process = new Process({
      target: WORK,
      args: [initializer, initargs],
      name: `PoolWorker-${made}`,
      daemon: true,
      context,
    })
    const worker = new CrewWorker(process)
    process.onNote = (header, payload) => this.heard(worker, header[NOTED], payload)
    process.onEnd = () => this.ended(worker)
    process.start()
    this.workers.add(worker)
    this.idle.push(worker)
  }

  /** A worker has nothing to do. */
  private rest(worker: CrewWorker): void {
    this.idle.push(worker)
    const { idleTime } = this.options
    if (idleTime !== Infinity) worker.timer = setTimeout(() => this.stop(worker), idleTime).unref()
  }

  private assign(): void {
    while (this.tasks.length > 0) {
      const worker = this.idle.shift()
      if (worker === undefined) return
      clearTimeout(worker.timer)
      const task = this.tasks.shift()!
      this.working += 1
      try {
        worker.begin(task)
      } catch (error) {
        this.finish(worker, [[true, error]])
      }
    }
  }

  private heard(worker: CrewWorker, kind: unknown, payload: Payload | undefined): void {
    if (kind === 'ready') {
      worker.isReady = true
      this.stillborn = 0
    } else if (worker.task !== undefined) {
      this.finish(worker, outcomesOf(kind, payload!))
    }
  }

  private finish(worker: CrewWorker, outcomes: readonly Outcome[]): void {
    const task = worker.task!
    worker.task = undefined
    this.working -= 1
    if (worker.begun < this.options.tasksPerWorker && this.size <= this.options.size) this.rest(worker)
    else this.stop(worker)
    this.recruit()
    this.assign()
    this.settle()
    task.onEnd(outcomes)
  }

  private stop(worker: CrewWorker): void {
    if (worker.isStopped) return
    worker.isStopped = true
    clearTimeout(worker.timer)
    const index = this.idle.indexOf(worker)
    if (index >= 0) this.idle.splice(index, 1)
    tree.note(worker.process.node, ['stop'])
  }

  private ended(worker: CrewWorker): void {
    this.workers.delete(worker)
    const index = this.idle.indexOf(worker)
    if (index >= 0) this.idle.splice(index, 1)
    const { exitcode, exception } = worker.process
    const { task } = worker
    worker.task = undefined
    if (task !== undefined) this.working -= 1
    if (!worker.isStopped && !worker.isReady) this.mourn(exitcode ?? 1, exception)
    if (task !== undefined) this.survive(task, worker.isReady, exitcode ?? 1, exception)
    this.recruit()
    this.assign()
    this.settle()
  }

  /** A worker has died before it was ready: its initializer failed, or it cannot start at all. */
  private mourn(exitcode: number, exception: Error | undefined): void {
    // Whoever kills them from outside says nothing of whether they could start.
    if (exitcode === -9 || exitcode === -15) return
    this.stillborn += 1
    const hopeless = exception !== undefined && !(exception instanceof ProcessDiedError)
    if (!hopeless && this.stillborn < MOST_STILLBORN * this.options.size) return
    this.fallApart(exception)
  }

  private fallApart(cause: unknown): void {
    this.broken = new ProcessError('The pool is broken: its workers cannot start', { cause })
    this.failAll(this.broken)
    for (const worker of this.workers) this.stop(worker)
  }

  /** The worker of a task has died over it. */
  private survive(task: Task, wasBegun: boolean, exitcode: number, exception: Error | undefined): void {
    if (this.broken !== undefined) {
      task.onEnd([[true, this.broken]])
    } else if (!wasBegun || task.retries > 0) {
      if (wasBegun) task.retries -= 1
      this.tasks.unshift(task)
    } else {
      const options = exception instanceof ProcessDiedError || exception === undefined ? {} : { cause: exception }
      task.onEnd([[true, new ProcessDiedError(`${describeEnd(exitcode)} in the middle of a task`, exitcode, options)]])
    }
  }

  private settle(): void {
    this.hold(this.working > 0 || this.tasks.length > 0)
    this.letGo()
  }

  /** While there are tasks, the workers keep the program alive. */
  private hold(holds: boolean): void {
    if (holds === this.holds) return
    this.holds = holds
    if (holds) tree.hold()
    else tree.letGo()
  }

  private letGo(): void {
    if (this.isClosing && this.working === 0 && this.tasks.length === 0)
      for (const worker of this.workers) this.stop(worker)
    this.onChange()
  }
}

function outcomesOf(kind: unknown, payload: Payload): readonly Outcome[] {
  try {
    return kind === 'returned' ? [[false, decode(payload)]] : decodeOutcomes(payload)
  } catch (error) {
    return [[true, error]]
  }
}
