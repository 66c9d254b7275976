import { fromCallback, type Operation } from '@greenlit/core'
import { runCallback } from '@greenlit/core/engine'
import { decode } from '../codec/payload.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import { ChangeNotifier } from './change-notifier.ts'
import type { Handle } from './handle.ts'
import { Outbox } from './outbox.ts'
import type { Reply } from './reply.ts'
import {
  DONE,
  encodeMessage,
  FAILED,
  GIVE,
  HELLO,
  isWireMessage,
  READY,
  RECEIVED,
  SAY,
  STOP,
  type WireMessage,
  wireMessage,
} from './wire-message.ts'

/** How a worker notifies its set. */
export interface WorkerListener {
  /** The worker has become ready, or its load has dropped. */
  changed(): void
  said(message: unknown): void
  ended(error: ProcessDiedError): void
}

/** What a worker's process is started with. */
export interface WorkerSettings {
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  readonly name: string
  readonly daemon: boolean
}

/** A worker of a `WorkerSet`. */
export class SetWorker {
  /** The worker's process. */
  readonly process: Process
  /** The number of handles and messages that it was given and has not finished with. */
  load = 0
  /** Whether it has reported that it is ready and is alive. */
  isReady = false
  /** Whether it was told to stop. */
  isStopping = false
  /** @internal Whether it will replace another worker once it is ready. */
  isSuccessor = false
  /** @internal The number of consecutive deaths of the workers that it replaces. */
  readonly deaths: number
  private readonly listener: WorkerListener
  private readonly outbox: Outbox
  private readonly changes = new ChangeNotifier()
  private readonly replies = new Map<number, Reply>()
  private readonly started = performance.now()
  private hasEnded = false
  private lastNumber = 0
  private killTimer: NodeJS.Timeout | undefined = undefined

  /** @internal */
  constructor(settings: WorkerSettings, deaths: number, listener: WorkerListener) {
    this.listener = listener
    this.deaths = deaths
    this.process = new Process(settings)
    this.process.onEnd = () => this.afterLastMessage(() => this.ended())
    this.process.start()
    const childProcess = this.process.childProcess!
    this.outbox = new Outbox(childProcess)
    childProcess.on('message', (message) => {
      if (isWireMessage(message)) this.receive(message)
    })
  }

  /** Its process id; -1 if the process could not be started. */
  get pid(): number {
    return this.process.pid ?? -1
  }

  /** The time since it was started, in milliseconds. */
  get uptime(): number {
    return performance.now() - this.started
  }

  private get isConnected(): boolean {
    return !this.hasEnded && this.process.childProcess!.connected
  }

  /** @internal Whether it can be given something. */
  get canTake(): boolean {
    return this.isReady && !this.isStopping && this.isConnected
  }

  private receive([, kind, number, bytes]: WireMessage): void {
    if (kind === HELLO) {
      this.outbox.open()
    } else if (kind === READY) {
      this.isReady = true
      this.changes.notify()
      this.listener.changed()
    } else if (kind === SAY) {
      // An error in decoding or in `onMessage` must not end this process.
      runCallback(() => this.listener.said(decode({ bytes: bytes! })))
    } else if (kind === RECEIVED) {
      this.outbox.confirm(number)
    } else if (kind === DONE || kind === FAILED) {
      this.settle(kind, number, bytes)
    }
  }

  private settle(kind: number, number: number, bytes: Uint8Array | null): void {
    const reply = this.replies.get(number)
    if (reply === undefined) return
    this.replies.delete(number)
    this.load -= 1
    try {
      const value = bytes === null ? undefined : decode({ bytes })
      if (kind === DONE) reply.resolve(value)
      else reply.fail(value)
    } catch (error) {
      reply.fail(error)
    }
    this.listener.changed()
  }

  /** Runs a function once the worker's channel is drained: its last messages may arrive after its exit is reported. */
  private afterLastMessage(done: () => void): void {
    const childProcess = this.process.childProcess!
    if (!childProcess.connected) {
      done()
      return
    }
    childProcess.channel?.ref()
    const once = () => {
      childProcess.off('disconnect', once)
      childProcess.off('close', once)
      done()
    }
    childProcess.on('disconnect', once)
    // Node does not emit 'disconnect' if a handle was in transit.
    childProcess.on('close', once)
  }

  private ended(): void {
    clearTimeout(this.killTimer)
    this.hasEnded = true
    this.isReady = false
    const error = this.deathError()
    this.listener.ended(error)
    this.outbox.close(error)
    for (const reply of this.replies.values()) reply.workerDied(error)
    this.replies.clear()
    this.changes.notify()
  }

  private deathError(): ProcessDiedError {
    const { exitcode, exception } = this.process
    return new ProcessDiedError(`The worker ${this.pid} has ended with ${exitcode}`, exitcode, { cause: exception })
  }

  /**
   * Sends the worker a message, which it takes with `Receiver.next`. The message does not count towards its load and gets no reply.
   *
   * @throws {SerializationError} for a message that cannot be sent
   */
  say(message: unknown): void {
    this.send(undefined, message)
  }

  /** @internal Like `say`, with a handle, which stays open in this process. */
  send(handle: Handle | undefined, message: unknown): void {
    this.outbox.send({ message: wireMessage(GIVE, 0, encodeMessage(message)), handle })
  }

  /**
   * @internal Hands a handle and a message to the worker. The caller has already added them to its load.
   *
   * @param reply receives the worker's reply
   * @returns whether the worker has them; if not, it has died, the handle is unchanged, and the load has been reduced again
   */
  handOver(handle: Handle | undefined, bytes: Uint8Array | null, reply: Reply): Operation<boolean> {
    return fromCallback<boolean>((resume) => {
      this.lastNumber += 1
      const number = this.lastNumber
      this.replies.set(number, reply)
      const done = (error: Error | undefined) => {
        // Even if the greenlet that waits here has been killed.
        if (error !== undefined && this.replies.delete(number)) this.load -= 1
        // Only the worker's death is a reason to try another one.
        if (error === undefined || !this.isConnected) resume(undefined, error === undefined)
        else resume(error)
      }
      this.outbox.sendTracked(number, { message: wireMessage(GIVE, number, bytes), handle, done })
    })
  }

  /**
   * @internal Tells the worker to stop once it has finished what it was given; terminates it if it is not ready yet.
   *
   * @param timeout how long it may take, in milliseconds; `undefined` for no limit
   * @param grace how long after the timeout it is killed, in milliseconds
   */
  stop(timeout: number | undefined, grace: number): void {
    if (!this.process.isAlive()) return
    this.isStopping = true
    clearTimeout(this.killTimer)
    if (timeout !== undefined) {
      const delay = Math.min(timeout + grace, LONGEST_DELAY)
      this.killTimer = setTimeout(() => this.process.kill(), delay).unref()
    }
    if (!this.isReady) this.process.terminate()
    else this.outbox.send({ message: wireMessage(STOP, timeout ?? -1, null), handle: undefined })
  }

  /** @internal Waits until the worker is ready; throws if it dies first. */
  untilReady(): Operation<undefined> {
    return this.changes.waitUntil('WorkerSet.restart', () => {
      if (this.isReady) return { value: undefined }
      if (this.hasEnded) throw this.deathError()
      return undefined
    })
  }
}
