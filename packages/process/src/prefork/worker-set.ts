import { getHub, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkOptions, runCallback } from '@greenlit/core/engine'
import { type ProcessDiedError, ProcessError } from '../errors/process-error.ts'
import { checkTarget, type Target } from '../process/target.ts'
import { ChangeNotifier } from './change-notifier.ts'
import { type AskOptions, handOver, handOverAndWait } from './hand-over.ts'
import { checkHandle, type Handle } from './handle.ts'
import { Members } from './members.ts'
import { Replacements } from './replacements.ts'
import { SetWorker, type WorkerSettings } from './set-worker.ts'
import { checkStop, GRACE, type StopOptions } from './stop-options.ts'
import { encodeMessage } from './wire-message.ts'
import { settingsOf, type WorkerSetOptions } from './worker-set-options.ts'

/**
 * A set of worker processes, started in advance, to which sockets, listening servers and messages are handed: the basis of forking
 * and pre-forking servers. A worker that dies is replaced after a delay that grows with each consecutive death. The target function
 * creates a `Receiver` and returns once `Receiver.next` reports the end.
 *
 * @example
 * const workers = new WorkerSet({ module: new URL('./work.mjs', import.meta.url), export: 'work' }, { size: 4 })
 * yield* workers.start()
 * yield* workers.give(nodeSocket) // a socket or listening server of `node:net`, or a `dgram` socket
 * yield* workers.stop()
 */
export class WorkerSet {
  /** The maximum number of workers. */
  readonly size: number
  /** The number of workers that are always kept. */
  readonly min: number
  private readonly settings: ReturnType<typeof settingsOf>
  private readonly options: WorkerSetOptions
  private readonly workerSettings: Omit<WorkerSettings, 'name'>
  private readonly members = new Members()
  private readonly shared: { handle: Handle | undefined; message: unknown }[] = []
  private readonly changes = new ChangeNotifier()
  private readonly replacements: Replacements
  private state: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  private failure: ProcessDiedError | undefined = undefined
  private lastNumber = 0

  /**
   * @param target the function that each worker runs
   * @param options see `WorkerSetOptions`
   * @throws {TypeError} for an invalid target; {FileNotFoundError} if its module does not exist; {RangeError} for an invalid
   *   number
   */
  constructor(target: Target, options?: WorkerSetOptions) {
    this.options = checkOptions(options)
    this.settings = settingsOf(this.options)
    const { size, min, args, daemon } = this.settings
    this.workerSettings = { target: checkTarget(target), args, daemon }
    this.replacements = new Replacements(this.settings)
    this.size = size
    this.min = min
  }

  /** The workers that are alive and were not told to stop, least loaded first. */
  get workers(): readonly SetWorker[] {
    return this.members.active
  }

  /** The process ids of all live workers, including those that were told to stop. */
  get pids(): ReadonlySet<number> {
    // A worker stays a member until its last messages have arrived.
    const live = [...this.members].filter((worker) => worker.process.isAlive())
    return new Set(live.map((worker) => worker.pid))
  }

  /**
   * Starts `min` workers immediately; the returned operation waits until they are ready.
   *
   * @throws {Error} immediately if the set was already started; {ProcessDiedError} if a worker dies before all are ready, in which
   *   case the others are ended too; {ProcessError} if the set is stopped in the meantime
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
    return this.changes.waitUntil('WorkerSet.start', () => this.started())
  }

  private started(): { value: undefined } | undefined {
    if (this.failure !== undefined) throw this.failure
    if (this.state === 'stopped') throw new ProcessError('The set of workers was stopped')
    return this.state === 'running' ? { value: undefined } : undefined
  }

  private add(deaths: number): SetWorker {
    this.lastNumber += 1
    const name = `${this.settings.name}-${this.lastNumber}`
    const worker: SetWorker = new SetWorker({ ...this.workerSettings, name }, deaths, {
      changed: () => this.changed(),
      said: (message) => this.options.onMessage?.(worker, message),
      ended: (error) => this.ended(worker, error),
    })
    this.members.add(worker)
    for (const { handle, message } of this.shared) worker.send(handle, message)
    return worker
  }

  private changed(): void {
    if (this.state === 'starting' && this.members.readyCount >= this.min) this.state = 'running'
    this.changes.notify()
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
    this.changes.notify()
  }

  private replaceLater(worker: SetWorker): void {
    const isMissing = () => this.workers.length < this.min
    if (!isMissing()) return
    this.replacements.schedule(worker, (deaths) => {
      if (isMissing()) this.add(deaths)
    })
  }

  /**
   * Hands a socket to the least loaded worker, waiting for one that is ready and can take more. The socket is closed here once the
   * worker has it, even if the worker then dies while handling it; if it dies before that, another worker gets the socket. An error
   * with which the worker fails it is reported to this process's hub.
   *
   * @param handle a connection from which nothing was read yet (Node: `pauseOnConnect`), or `undefined` to send only a message
   * @param message a message to send with it
   * @returns the worker, once it has received both
   * @throws {TypeError} immediately for a TLS socket or an object that is not a handle; {SerializationError} for a message that
   *   cannot be sent; {ProcessError} if the set is not running; {ProcessDiedError} if a worker that was started for it dies before
   *   it is ready
   */
  give(handle: Handle | undefined, message?: unknown): Operation<SetWorker> {
    this.checkHandOver(handle)
    const args: [WorkerSet, Handle | undefined, Uint8Array | null] = [this, handle, encodeMessage(message)]
    return new Call<typeof args, SetWorker>(handOver, args)
  }

  /**
   * Like `give`, but waits for the worker's reply, the value that it passes to `Given.done`. Killing the waiting greenlet does not
   * stop the worker.
   *
   * @param options `onSent`: called once the worker has received everything and `handle` is closed here
   * @throws as `give` does; the error that the worker passes to `Given.fail`; {ProcessDiedError} if it dies while handling it
   */
  ask(handle: Handle | undefined, message?: unknown, options: AskOptions = {}): Operation<unknown> {
    this.checkHandOver(handle)
    type Args = [WorkerSet, Handle | undefined, Uint8Array | null, AskOptions]
    return new Call<Args, unknown>(handOverAndWait, [this, handle, encodeMessage(message), options])
  }

  /**
   * Hands a listening server to every worker, including those that start later. It stays open here; closing it here does not close
   * it in the workers.
   *
   * @param handle the server, or `undefined` to send only a message
   * @param message a message to send with it
   * @throws as `give` does
   */
  share(handle: Handle | undefined, message?: unknown): void {
    this.checkHandOver(handle)
    for (const worker of this.members) worker.send(handle, message)
    this.shared.push({ handle, message })
  }

  private checkHandOver(handle: Handle | undefined): void {
    if (handle !== undefined) checkHandle(handle)
    this.checkRunning()
  }

  private checkRunning(): void {
    if (this.state !== 'running' && this.state !== 'starting')
      throw new ProcessError('Expected the set of workers to be running')
  }

  /**
   * Replaces the workers one by one: each is told to stop once its successor is ready. Waits until all are replaced, but not until
   * the old ones have exited.
   *
   * @throws {ProcessDiedError} if a successor dies before it is ready; the worker that it was to replace then stays
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

  /** Tells idle workers in excess of `min` to stop. */
  reap(): void {
    for (const worker of this.workers) {
      if (worker.load === 0 && worker.isReady && this.workers.length > this.min) worker.stop(undefined, 0)
    }
  }

  /**
   * Tells all workers to stop, immediately; those that are not ready yet are terminated.
   *
   * @param options see `StopOptions`
   * @returns an operation that waits until they have exited
   */
  stop(options: StopOptions = {}): Operation<undefined> {
    const { timeout, grace } = checkStop(options)
    this.halt(timeout, grace)
    const gone = () => (this.members.size === 0 ? { value: undefined } : undefined)
    return this.changes.waitUntil('WorkerSet.stop', gone)
  }

  private halt(timeout: number | undefined, grace: number): void {
    this.state = 'stopped'
    this.replacements.stop()
    for (const worker of this.members) worker.stop(timeout, grace)
    this.changes.notify()
  }

  /** @internal Waits for a worker that can take more, and reserves a place in its load. */
  reserveWorker(): Operation<SetWorker> {
    const reserve = () => {
      this.checkRunning()
      const value = this.members.leastBusy(this.settings.tasks) ?? this.grow()
      if (value === undefined) return undefined
      this.members.addLoad(value)
      return { value }
    }
    return this.changes.waitUntil('WorkerSet.give', reserve, (worker) => this.releaseWorker(worker))
  }

  /** @internal Releases the place that `reserveWorker` has reserved. */
  releaseWorker(worker: SetWorker): void {
    worker.load -= 1
    this.changed()
  }

  private grow(): SetWorker | undefined {
    const { length } = this.workers
    return length >= this.min && length < this.size ? this.add(0) : undefined
  }
}

function reportDeath(worker: SetWorker, error: ProcessDiedError): void {
  getHub().handleError(worker, error)
}
