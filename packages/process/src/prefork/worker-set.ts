import type { Operation, Suspension } from '@greenlit/core'
import { spawn } from '@greenlit/core'
import { Call, checkTimeout, show, type TimeLimit } from '@greenlit/core/engine'
import { ProcessError } from '../errors/process-error.ts'
import { cpuCount } from '../process/current.ts'
import { type CheckedTarget, checkTarget, type Target } from '../process/target.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import { checkHandle, type Handle } from './handle.ts'
import { SetWorker } from './set-worker.ts'

/** How a set of workers is kept up. */
export interface WorkerSetOptions {
  /** How many workers. Default: as many as there are processors. */
  size?: number
  /** What each is called with. Default nothing. */
  args?: readonly unknown[]
  /** What they are called, with a number behind. Default 'Worker'. */
  name?: string
  /** How long to wait before a worker that died is replaced, in milliseconds; doubled with each death in a row. Default 100. */
  backoff?: number
  /** The longest such wait, in milliseconds. Default 30 000. */
  maxBackoff?: number
  /** How long a worker must live for its death not to count as one in a row, in milliseconds. Default 10 000. */
  minUptime?: number
  /** Is told of each worker that ends though it was not to. */
  onDeath?: (worker: SetWorker) => void
}

/**
 * Worker processes that are there before there is work, and to which sockets and listening servers are handed: what forking and
 * pre-forking servers are made of. One that dies is replaced, after a while that grows with each death in a row. The target
 * makes a `Receiver`, and returns once that has nothing more.
 *
 * @example
 * const workers = new WorkerSet({ module: new URL('./work.mjs', import.meta.url), export: 'work' }, { size: 4 })
 * yield* workers.start()
 * yield* workers.give(socket)
 * yield* workers.stop()
 */
export class WorkerSet implements Awaited<undefined> {
  /** @internal */
  readonly name = 'WorkerSet.start'
  /** How many workers there are to be. */
  readonly size: number
  private readonly target: CheckedTarget
  private readonly options: WorkerSetOptions
  private readonly members = new Set<SetWorker>()
  private readonly shared: { handle: Handle; message: unknown }[] = []
  private readonly waits = new Set<OutsideWait<undefined>>()
  private readonly timers = new Set<NodeJS.Timeout>()
  private state: 'new' | 'running' | 'stopping' = 'new'
  private deathsInARow = 0
  private lastNumber = 0

  /**
   * @param target what each worker runs
   * @param options see `WorkerSetOptions`
   */
  constructor(target: Target, options: WorkerSetOptions = {}) {
    const { size = cpuCount() } = options
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`Expected \`size\` to be a whole number from 1 up, got ${show(size)}`)
    for (const name of ['backoff', 'maxBackoff', 'minUptime'] as const) checkMilliseconds(name, options[name])
    this.target = checkTarget(target)
    this.size = size
    this.options = options
  }

  /** The workers that are alive, the busiest last. */
  get workers(): readonly SetWorker[] {
    return [...this.members].sort((one, other) => one.load - other.load)
  }

  /**
   * Starts the workers, at once; the operation that is returned waits until as many as there are to be are ready.
   *
   * @throws {Error} if they were started already
   */
  start(): Operation<undefined> {
    if (this.state !== 'new') throw new Error('Expected a set of workers to be started once')
    this.state = 'running'
    for (let count = 0; count < this.size; count += 1) this.add()
    return new OutsideWait<undefined>(this, undefined, () => undefined)
  }

  private add(): SetWorker {
    this.lastNumber += 1
    const name = `${this.options.name ?? 'Worker'}-${this.lastNumber}`
    const worker: SetWorker = new SetWorker(this.target, this.options.args ?? [], name, {
      onChange: () => this.changed(),
      onEnd: () => this.ended(worker),
    })
    this.members.add(worker)
    for (const { handle, message } of this.shared) worker.send(handle, message, true).catch(() => {})
    return worker
  }

  private changed(): void {
    for (const wait of this.waits) wait.finish()
  }

  private ended(worker: SetWorker): void {
    this.members.delete(worker)
    if (!worker.isStopping && this.state === 'running') {
      this.deathsInARow = worker.uptime < (this.options.minUptime ?? 10_000) ? this.deathsInARow + 1 : 1
      this.options.onDeath?.(worker)
      this.replaceLater()
    }
    this.changed()
  }

  private replaceLater(): void {
    const { backoff = 100, maxBackoff = 30_000 } = this.options
    const delay = Math.min(backoff * 2 ** (this.deathsInARow - 1), maxBackoff)
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      if (this.state === 'running' && this.active < this.size) this.add()
    }, delay)
    this.timers.add(timer)
  }

  private get active(): number {
    let count = 0
    for (const worker of this.members) if (!worker.isStopping) count += 1
    return count
  }

  /**
   * Hands a socket to the worker that has least to do, waiting for one that is ready. It is gone here after that.
   *
   * @param handle a connection of which nothing was read yet (Node: `pauseOnConnect`)
   * @param message what goes with it
   * @returns the worker
   * @throws {TypeError} at once for a TLS socket, or what is none; {ProcessError} if the set is not running
   */
  give(handle: Handle, message?: unknown): Operation<SetWorker> {
    checkHandle(handle)
    this.checkRunning()
    return new Call<[WorkerSet, Handle, unknown], SetWorker>(giveToOne, [this, handle, message])
  }

  /**
   * Hands a listening server to every worker, also to those that come later; it stays open here, and closing it here stops nobody else.
   *
   * @param message what goes with it
   */
  share(handle: Handle, message?: unknown): void {
    checkHandle(handle)
    this.checkRunning()
    this.shared.push({ handle, message })
    for (const worker of this.members) worker.send(handle, message, true).catch(() => {})
  }

  /** Replaces every worker, one after the other: the next one stops once its successor is ready, and ends what it has begun. */
  restart(): Operation<undefined> {
    this.checkRunning()
    return new Call<[WorkerSet], undefined>(replaceAll, [this])
  }

  /**
   * Tells the workers to end, at once; the operation that is returned waits until they have.
   *
   * @param options `timeout`: how long they may take, in milliseconds, before they are killed. Default without end
   */
  stop(options: { timeout?: TimeLimit } = {}): Operation<undefined> {
    const timeout = checkTimeout(options.timeout)
    this.state = 'stopping'
    for (const timer of this.timers) clearTimeout(timer)
    this.timers.clear()
    for (const worker of this.members) worker.stop()
    this.changed()
    return new Call<[WorkerSet, TimeLimit], undefined>(untilStopped, [this, timeout])
  }

  /** @internal */
  checkRunning(): void {
    if (this.state !== 'running') throw new ProcessError('Expected the set of workers to be running')
  }

  /** @internal */
  successor(): SetWorker {
    return this.add()
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    if (this.state === 'stopping') throw new ProcessError('The set of workers was stopped')
    let count = 0
    for (const worker of this.members) if (worker.isReady) count += 1
    return count >= this.size ? { value: undefined } : undefined
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
  }

  /** @internal Waits until a worker could be given something. */
  untilAnyReady(): Operation<SetWorker> {
    const find = () => this.workers.find((worker) => worker.canTake)
    const awaited: Awaited<SetWorker> = {
      name: 'WorkerSet.give',
      ready: () => {
        this.checkRunning()
        const value = find()
        return value === undefined ? undefined : { value }
      },
      enter: (wait) => this.waits.add(wait as unknown as OutsideWait<undefined>),
      leave: (wait) => this.waits.delete(wait as unknown as OutsideWait<undefined>),
    }
    return new OutsideWait<SetWorker>(awaited, undefined, () => find()!)
  }
}

function* giveToOne(set: WorkerSet, handle: Handle, message: unknown): Generator<Suspension, SetWorker, unknown> {
  for (;;) {
    const worker = yield* set.untilAnyReady()
    if (yield* worker.give(handle, message)) return worker
  }
}

function* replaceAll(set: WorkerSet): Generator<Suspension, undefined, unknown> {
  for (const old of set.workers) {
    const next = set.successor()
    yield* next.untilReady()
    old.stop()
    yield* old.process.join()
  }
  return undefined
}

function* untilStopped(set: WorkerSet, timeout: TimeLimit): Generator<Suspension, undefined, unknown> {
  const { workers } = set
  const killer = spawn(function* (): Generator<Suspension, void, unknown> {
    for (const worker of workers) yield* worker.process.join()
  })
  yield* killer.join({ timeout })
  if (!killer.ready()) {
    killer.kill()
    for (const worker of workers) worker.process.kill()
  }
  for (const worker of workers) yield* worker.process.join()
  return undefined
}

function checkMilliseconds(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return
  throw new RangeError(`Expected \`${name}\` to be a number of milliseconds from 0 up, got ${show(value)}`)
}
