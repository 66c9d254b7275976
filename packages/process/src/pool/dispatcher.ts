import type { Payload } from '../codec/payload.ts'
import { ProcessDiedError, ProcessError } from '../errors/process-error.ts'
import { describeEnd } from '../process/launch.ts'
import { NOTE_START } from '../tree/notes.ts'
import { tree } from '../tree/tree.ts'
import { dropOutcomes, type Outcome, readOutcomes } from './outcome.ts'
import type { PoolWorker, Task } from './pool-worker.ts'
import { TaskQueue } from './task-queue.ts'
import { areOwnThreads, WorkerGroup, type WorkerGroupOptions } from './worker-group.ts'

/** The pool breaks after this many deaths in a row, times its size, of workers that were not ready yet. */
const MAX_EARLY_DEATHS = 3
/** The `retries` of a task that has been dropped. */
const DROPPED = -1

/**
 * Hands the tasks of a pool to its workers. A worker that dies is replaced; its task goes to another worker, or fails.
 *
 *     tasks: [c d e]      workers: 1 <- a    2 <- b    3 (idle)
 */
export class Dispatcher {
  private readonly options: WorkerGroupOptions
  private readonly workers: WorkerGroup
  private readonly tasks = new TaskQueue<Task>()
  private working = 0
  private earlyDeaths = 0
  /** The number of iterators that will add more tasks once their results are read. */
  private producers = 0
  private isClosing = false
  private isAwaited = false
  private isAssigning = false
  private holds = false
  private broken: Error | undefined = undefined
  /** Called whenever a task or a worker has ended. */
  onChange: () => void = () => {}
  /** Called when a worker that was ready has died, or one was killed, before its task is handed on or fails. */
  onDeath: (exitcode: number) => void = () => {}

  constructor(options: WorkerGroupOptions) {
    this.options = options
    this.workers = new WorkerGroup(options, {
      onNote: (worker, header, payload) => this.onNote(worker, header[NOTE_START], payload),
      onEnd: (worker) => this.onWorkerEnd(worker),
    })
    this.startWorkers()
  }

  /** The number of workers. */
  get size(): number {
    return this.workers.size
  }

  /** The number of tasks that are not done. */
  get unfinished(): number {
    return this.tasks.size + this.working
  }

  /** Why the pool accepts no more tasks, if it has broken or was terminated. */
  get failure(): Error | undefined {
    return this.broken
  }

  /** Changes the maximum number of workers. */
  resize(size: number): void {
    this.workers.resize(size)
    this.startWorkers()
    this.assign()
  }

  /** Starts workers in advance, or stops idle ones, so that there are as many as this. */
  keep(size: number): void {
    this.workers.stopIdle(this.size - size)
    if (!this.isClosing) while (this.size < size) this.workers.start()
  }

  /** Whether all workers have ended. */
  get isGone(): boolean {
    return this.workers.isGone
  }

  /** Hands a task to the next free worker. */
  add(task: Task): void {
    this.addAll([task])
  }

  /** Hands each of several tasks to the next free worker. */
  addAll(tasks: readonly Task[]): void {
    if (this.broken !== undefined) {
      for (const task of tasks) end(task, [[true, this.broken]])
      return
    }
    if (tasks.length === 0) return
    for (const task of tasks) this.tasks.push(task)
    this.hold(true)
    this.startWorkers()
    this.assign()
  }

  /** Drops a task. Returns whether no worker had begun it; if one had, its outcome is discarded and the task is not handed on. */
  drop(task: Task): boolean {
    task.retries = DROPPED
    if (!this.tasks.delete(task)) return false
    task.releasePayload()
    this.settle()
    return true
  }

  /** Announces that an iterator will add more tasks, until `removeProducer`. */
  addProducer(): void {
    this.producers += 1
  }

  /** Announces that an iterator will add no more tasks. */
  removeProducer(): void {
    this.producers -= 1
    this.stopWhenDone()
  }

  /** Stops the workers when all tasks are done. */
  close(): void {
    this.isClosing = true
    this.stopWhenDone()
  }

  /** Terminates the workers now, or kills them; unfinished tasks fail. */
  terminate(error: Error, verb: 'terminate' | 'kill' = 'terminate'): void {
    this.isClosing = true
    this.broken ??= error
    this.failAll(error)
    this.workers.terminate(verb)
  }

  private failAll(error: Error): void {
    const tasks = this.tasks.clear()
    for (const worker of this.workers) {
      if (worker.task === undefined) continue
      tasks.push(worker.task)
      worker.task = undefined
      this.working -= 1
    }
    this.hold(false)
    for (const task of tasks) end(task, [[true, error]])
  }

  /** Sets whether the workers keep the program alive, because somebody waits for them to end. */
  keepAlive(keeps: boolean): void {
    this.isAwaited = keeps
    this.workers.keepAlive(keeps)
    this.stopWhenDone()
  }

  /** Starts as many workers as are needed. */
  private startWorkers(): void {
    if (this.broken !== undefined) return
    try {
      for (let missing = this.workers.missing(this.unfinished, this.isClosing); missing > 0; missing -= 1)
        this.workers.start()
    } catch (error) {
      // With at least one worker the pool can go on; the others are started later.
      if (this.size === 0) this.breakDown(error)
    }
  }

  private assign(): void {
    // The end of a task may add another; the loop below then sees it.
    if (this.isAssigning) return
    this.isAssigning = true
    let hasFailed = false
    while (this.tasks.size > 0) {
      const worker = this.workers.takeIdle()
      if (worker === undefined) break
      const task = this.tasks.shift()!
      try {
        worker.begin(task)
        this.working += 1
      } catch (error) {
        // The task cannot be sent; it alone fails.
        hasFailed = true
        this.workers.addIdle(worker)
        end(task, [[true, error]])
      }
    }
    this.isAssigning = false
    if (hasFailed) this.settle()
  }

  private onNote(worker: PoolWorker, kind: unknown, payload: Payload | undefined): void {
    if (kind === 'ready') {
      worker.isReady = true
      this.earlyDeaths = 0
    } else if (worker.task !== undefined) {
      const isWanted = worker.task.retries !== DROPPED
      const isRemote = !areOwnThreads(this.options)
      this.finish(worker, isWanted ? readOutcomes(kind, payload!, isRemote) : dropOutcomes(payload!))
    }
  }

  private finish(worker: PoolWorker, outcomes: readonly Outcome[]): void {
    const task = worker.task!
    worker.task = undefined
    this.working -= 1
    if (this.workers.mayContinue(worker)) this.workers.addIdle(worker)
    else this.workers.stop(worker)
    this.startWorkers()
    this.assign()
    end(task, outcomes)
    this.settle()
  }

  private onWorkerEnd(worker: PoolWorker): void {
    const { exitcode, exception } = worker.process
    const { task } = worker
    worker.task = undefined
    if (task !== undefined) this.working -= 1
    if (!worker.isStopped) {
      if (worker.isReady) this.onDeath(exitcode ?? 1)
      else this.onEarlyDeath(exitcode ?? 1, exception)
    }
    if (task !== undefined) this.reassign(task, worker.isReady, exitcode ?? 1, exception)
    this.startWorkers()
    this.assign()
    this.settle()
  }

  /** Handles a worker that died before it was ready: its initializer failed, or it cannot start at all. */
  private onEarlyDeath(exitcode: number, exception: Error | undefined): void {
    // A kill from outside says nothing about whether workers can start.
    if (exitcode === -9 || exitcode === -15) {
      this.onDeath(exitcode)
      return
    }
    this.earlyDeaths += 1
    const hopeless = exception !== undefined && !(exception instanceof ProcessDiedError)
    if (!hopeless && this.earlyDeaths < MAX_EARLY_DEATHS * this.options.size) return
    this.breakDown(exception)
  }

  private breakDown(cause: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    this.broken = new ProcessError(`The pool is broken: its workers cannot start${why}`, { cause })
    this.failAll(this.broken)
    this.workers.stopAll()
  }

  /** Hands on, or fails, the task of a worker that has died. */
  private reassign(task: Task, wasBegun: boolean, exitcode: number, exception: Error | undefined): void {
    if (this.broken !== undefined) {
      end(task, [[true, this.broken]])
    } else if (task.retries >= (wasBegun ? 1 : 0)) {
      if (wasBegun) task.retries -= 1
      this.tasks.unshift(task)
    } else {
      const options = exception instanceof ProcessDiedError || exception === undefined ? {} : { cause: exception }
      end(task, [[true, new ProcessDiedError(`${describeEnd(exitcode)} in the middle of a task`, exitcode, options)]])
    }
  }

  private settle(): void {
    this.hold(this.working > 0 || this.tasks.size > 0)
    this.stopWhenDone()
  }

  /** Keeps the program alive while there are tasks. */
  private hold(holds: boolean): void {
    if (holds === this.holds) return
    this.holds = holds
    if (holds) tree.hold()
    else tree.letGo()
  }

  private stopWhenDone(): void {
    // The greenlet that waits for the workers to end may also be the one that reads the results of an iterator, so `join` does not
    // wait for iterators: workers are started for their remaining tasks.
    const isDone = this.working === 0 && this.tasks.size === 0 && (this.producers === 0 || this.isAwaited)
    if (this.isClosing && isDone) this.workers.stopAll()
    this.onChange()
  }
}

/** Ends a task, after releasing its arguments: no other worker gets them. */
function end(task: Task, outcomes: readonly Outcome[]): void {
  task.releasePayload()
  task.onEnd(outcomes)
}
