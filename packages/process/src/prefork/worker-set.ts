import { getHub, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkOptions, runCallback } from '@greenlit/core/engine'
import { type ProcessDiedError, ProcessError } from '../errors/process-error.ts'
import { checkTarget, type Target } from '../process/target.ts'
import { Changes } from './changes.ts'
import { type AskOptions, giveAndWait, giveToOne } from './giving.ts'
import { checkHandle, type Handle } from './handle.ts'
import { Members } from './members.ts'
import { Replacements } from './replacements.ts'
import { SetWorker, type WorkerSettings } from './set-worker.ts'
import { checkStop, GRACE, type StopOptions } from './stop-options.ts'
import { encodeMessage } from './wire.ts'
import { settingsOf, type WorkerSetOptions } from './worker-set-options.ts'

/**
 * Worker processes that are there before there is work, and to which sockets, listening servers and messages are handed: what
 * forking and pre-forking servers are made of. One that dies is replaced, after a while that grows with each death in a row. The
 * target makes a `Receiver`, and returns once that has nothing more.
 *
 * @example
 * const workers = new WorkerSet({ module: new URL('./work.mjs', import.meta.url), export: 'work' }, { size: 4 })
 * yield* workers.start()
 * yield* workers.give(socket)
 * yield* workers.stop()
 */
export class WorkerSet {
  /** How many workers there may be. */
  readonly size: number
  /** How many are kept. */
  readonly min: number
  private readonly settings: ReturnType<typeof settingsOf>
  private readonly options: WorkerSetOptions
  private readonly worker: Omit<WorkerSettings, 'name'>
  private readonly members = new Members()
  private readonly shared: { handle: Handle | undefined; message: unknown }[] = []
  private readonly changes = new Changes()
  private readonly replacements: Replacements
  private state: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  private failure: ProcessDiedError | undefined = undefined
  private lastNumber = 0

  /**
   * @param target what each worker runs
   * @param options see `WorkerSetOptions`
   * @throws {TypeError} for a target that is none; {FileNotFoundError} if there is no such module; {RangeError} for a bad number
   */
  constructor(target: Target, options?: WorkerSetOptions) {
    this.options = checkOptions(options)
    this.settings = settingsOf(this.options)
    const { size, min, args, daemon } = this.settings
    this.worker = { target: checkTarget(target), args, daemon }
    this.replacements = new Replacements(this.settings)
    this.size = size
    this.min = min
  }

  /** The workers that are alive and were not told to end, those first that have least to do. */
  get workers(): readonly SetWorker[] {
    return this.members.staying
  }

  /** The process ids of all that are alive, also of those that are about to end. */
  get pids(): ReadonlySet<number> {
    return new Set([...this.members].map((worker) => worker.pid))
  }

  /**
   * Starts the workers, at once; the operation that is returned waits until as many as are kept are ready.
   *
   * @throws {Error} at once if they were started already; {ProcessDiedError} if one of them dies before they are ready, and then
   * the others are ended; {ProcessError} if they are stopped meanwhile
   */
  start(): Operation<undefined> {
    if (this.state !== 'new') throw new Error('Expected a set of workers to be started once')
    this.state = 'starting'
    try {
      for (let count = 0; count < this.min; count += 1) this.add(0)
    } catch (error) {
      this.halt(0, GRACE)
      throw error
    }
    this.changed()
    return this.changes.until('WorkerSet.start', () => this.whenUp())
  }

  private whenUp(): { value: undefined } | undefined {
    if (this.failure !== undefined) throw this.failure
    if (this.state === 'stopped') throw new ProcessError('The set of workers was stopped')
    return this.state === 'running' ? { value: undefined } : undefined
  }

  private add(deaths: number): SetWorker {
    this.lastNumber += 1
    const name = `${this.settings.name}-${this.lastNumber}`
    const worker: SetWorker = new SetWorker({ ...this.worker, name }, deaths, {
      changed: () => this.changed(),
      said: (message) => this.options.onMessage?.(worker, message),
      ended: (error) => this.ended(worker, error),
    })
    this.members.add(worker)
    for (const { handle, message } of this.shared) worker.offer(handle, message)
    return worker
  }

  private changed(): void {
    if (this.state === 'starting' && this.members.readyCount >= this.min) this.state = 'running'
    this.changes.tell()
  }

  private ended(worker: SetWorker, error: ProcessDiedError): void {
    this.members.delete(worker)
    if (this.state === 'starting' && !worker.isStopping) {
      this.failure = error
      this.halt(0, GRACE)
    } else if (this.state === 'running' && !worker.isStopping && !worker.isSuccessor) {
      const { onDeath = reportDeath } = this.options
      runCallback(onDeath, worker, error)
      this.replaceLater(worker)
    }
    this.changes.tell()
  }

  private replaceLater(worker: SetWorker): void {
    const isMissing = () => this.workers.length < this.min
    if (!isMissing()) return
    this.replacements.later(worker, (deaths) => {
      if (isMissing()) this.add(deaths)
    })
  }

  /**
   * Hands a socket to the worker that has least to do, waiting for one that is ready and has room. It is gone here once the worker
   * has it, also if that dies over it; if the worker dies before, another gets it. What a worker fails with is reported here.
   *
   * @param handle a connection of which nothing was read yet (Node: `pauseOnConnect`), or `undefined` for a message alone
   * @param message what goes with it
   * @returns the worker, once it has it
   * @throws {TypeError} at once for a TLS socket, or what is none; {SerializationError} for a message that cannot be sent;
   * {ProcessError} if the set is not running; {ProcessDiedError} if a worker that was started for it dies before it is ready
   */
  give(handle: Handle | undefined, message?: unknown): Operation<SetWorker> {
    this.checkGiving(handle)
    const args: [WorkerSet, Handle | undefined, Uint8Array | null] = [this, handle, encodeMessage(message)]
    return new Call<typeof args, SetWorker>(giveToOne, args)
  }

  /**
   * As `give`, and waits for what the worker makes of it: what it gives to `Given.done`. A kill of who waits does not keep the worker
   * from going on.
   *
   * @param options `onSent`: is called once the worker has it all, and `handle` is gone here
   * @throws what `give` does, and what the worker gives to `Given.fail`; {ProcessDiedError} if it dies over it
   */
  ask(handle: Handle | undefined, message?: unknown, options: AskOptions = {}): Operation<unknown> {
    this.checkGiving(handle)
    type Args = [WorkerSet, Handle | undefined, Uint8Array | null, AskOptions]
    return new Call<Args, unknown>(giveAndWait, [this, handle, encodeMessage(message), options])
  }

  /**
   * Hands a listening server to every worker, also to those that come later; it stays open here, and closing it here stops nobody else.
   *
   * @param handle the server, or `undefined` for a message alone
   * @param message what goes with it
   * @throws as `give` does
   */
  share(handle: Handle | undefined, message?: unknown): void {
    this.checkGiving(handle)
    for (const worker of this.members) worker.offer(handle, message)
    this.shared.push({ handle, message })
  }

  private checkGiving(handle: Handle | undefined): void {
    if (handle !== undefined) checkHandle(handle)
    this.checkRunning()
  }

  private checkRunning(): void {
    if (this.state !== 'running' && this.state !== 'starting')
      throw new ProcessError('Expected the set of workers to be running')
  }

  /**
   * Replaces every worker, one after the other: each is told to end once its successor is ready. Waits until all are replaced, not
   * until they have ended.
   *
   * @throws {ProcessDiedError} if a successor dies before it is ready: who it was to replace then stays
   */
  restart(options: StopOptions = {}): Operation<undefined> {
    const { timeout, grace } = checkStop(options)
    this.checkRunning()
    return new Call<[], undefined>(() => this.replaceAll(timeout, grace), [])
  }

  private *replaceAll(timeout: number | undefined, grace: number): Generator<Suspension, undefined, unknown> {
    for (const old of this.workers) {
      if (old.isStopping || !this.members.has(old)) continue
      this.checkRunning()
      const next = this.add(0)
      next.isSuccessor = true
      try {
        yield* next.untilReady()
      } catch (error) {
        next.stop(0, 0)
        throw error
      }
      next.isSuccessor = false
      old.stop(timeout, grace)
    }
    return undefined
  }

  /** Tells those workers to end that have nothing to do and are more than are kept. */
  reap(): void {
    for (const worker of this.workers) {
      if (worker.load === 0 && worker.isReady && this.workers.length > this.min) worker.stop(undefined, 0)
    }
  }

  /**
   * Tells the workers to end, at once; those that are not ready are ended.
   *
   * @param options see `StopOptions`
   * @returns an operation that only waits until they have ended
   */
  stop(options: StopOptions = {}): Operation<undefined> {
    const { timeout, grace } = checkStop(options)
    this.halt(timeout, grace)
    const gone = () => (this.members.size === 0 ? { value: undefined } : undefined)
    return this.changes.until('WorkerSet.stop', gone)
  }

  private halt(timeout: number | undefined, grace: number): void {
    this.state = 'stopped'
    this.replacements.stop()
    for (const worker of this.members) worker.stop(timeout, grace)
    this.changes.tell()
  }

  /** @internal Waits for a worker that has room, and keeps that. */
  untilRoom(): Operation<SetWorker> {
    const keep = () => {
      this.checkRunning()
      const value = this.members.leastBusy(this.settings.tasks) ?? this.grown()
      if (value === undefined) return undefined
      this.members.charge(value)
      return { value }
    }
    return this.changes.until('WorkerSet.give', keep, (worker) => this.freeRoom(worker))
  }

  /** @internal Gives back what `untilRoom` has kept. */
  freeRoom(worker: SetWorker): void {
    worker.load -= 1
    this.changed()
  }

  private grown(): SetWorker | undefined {
    const { length } = this.workers
    return length >= this.min && length < this.size ? this.add(0) : undefined
  }
}

function reportDeath(worker: SetWorker, error: ProcessDiedError): void {
  getHub().handleError(worker, error)
}
