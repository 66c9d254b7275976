import { AsyncResult, type Coroutine, type Greenlet, getHub, sleep, spawn } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import type { Worker } from '../../workers/worker.ts'

/** What a slot needs of its server. */
export interface SlotOwner {
  /** The shortest and the longest pause before a worker that has crashed is started again. */
  readonly minDelay: number
  readonly maxDelay: number
  /** Starts a worker and tells it to listen. */
  launch(): Worker
  /** A worker is ready for connections. */
  workerReady(): void
}

/** How long a worker that should have ended may take before it is killed. */
const LAST_GRACE = 1_000

/** A place for one worker: keeps it filled. */
export class WorkerSlot {
  private readonly owner: SlotOwner
  private current: Worker | undefined
  private readonly living = new Set<Worker>()
  private readonly starting = new Set<Worker>()
  private restarting: Greenlet<void> | undefined
  private stopped = false
  private delay: number

  constructor(owner: SlotOwner) {
    this.owner = owner
    this.delay = owner.minDelay
  }

  /** The worker that takes connections. */
  get worker(): Worker | undefined {
    return this.current
  }

  /** The workers that live, also those that finish. */
  get workers(): Iterable<Worker> {
    return this.living
  }

  /**
   * Fills the place, and waits until the worker is ready; the one before it then finishes.
   *
   * @param timeout how long the one before may take
   * @throws {Error} if the new one ends before it is ready; the one before it then stays
   */
  *fill(timeout: number): Coroutine<void> {
    const ready = new AsyncResult<undefined>()
    const worker = this.owner.launch()
    const started = now()
    this.living.add(worker)
    this.starting.add(worker)
    worker.onMessage = (message) => {
      if (message.kind === 'ready' && !ready.ready()) ready.set(undefined)
    }
    worker.onEnd = () => {
      this.living.delete(worker)
      const error = new Error(`The worker ${worker.pid} has ended with ${worker.process.exitcode}`)
      if (!ready.ready()) ready.setException(error)
      else if (worker === this.current) this.crashed(error, now() - started)
    }
    try {
      yield* ready.get()
    } catch (error) {
      worker.process.terminate()
      throw error
    } finally {
      this.starting.delete(worker)
    }
    const previous = this.current
    this.current = worker
    this.owner.workerReady()
    if (previous !== undefined) this.finish(previous, timeout)
    if (this.stopped) this.stop(timeout)
  }

  private crashed(error: Error, lived: number): void {
    this.current = undefined
    getHub().handleError(this.owner, error)
    if (this.stopped) return
    if (lived >= this.owner.maxDelay) this.delay = this.owner.minDelay
    this.restarting = spawn(() => this.refill())
  }

  private *refill(): Coroutine<void> {
    while (!this.stopped && this.current === undefined) {
      yield* sleep(this.delay)
      this.delay = Math.min(this.delay * 2, this.owner.maxDelay)
      try {
        yield* this.fill(0)
      } catch (error) {
        if (this.stopped || !(error instanceof Error)) throw error
        getHub().handleError(this.owner, error)
      }
    }
  }

  private finish(worker: Worker, timeout: number): void {
    worker.leave(timeout)
    spawn(function* () {
      yield* worker.process.join({ timeout: timeout + LAST_GRACE })
      if (worker.process.isAlive()) worker.process.kill()
    })
  }

  /** Lets the workers finish, and starts no further one. */
  stop(timeout: number): void {
    this.stopped = true
    this.current = undefined
    this.restarting?.kill({ block: false })
    for (const worker of this.living) {
      if (this.starting.has(worker)) worker.process.terminate()
      else this.finish(worker, timeout)
    }
  }
}
