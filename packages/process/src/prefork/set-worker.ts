import { fromCallback, type Operation } from '@greenlit/core'
import { runCallback } from '@greenlit/core/engine'
import { decode } from '../codec/payload.ts'
import { ProcessDiedError } from '../errors/process-error.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import type { Answer } from './answer.ts'
import { Changes } from './changes.ts'
import type { Handle } from './handle.ts'
import { Outbox } from './outbox.ts'
import { DONE, END, encodeMessage, FAILED, GIVE, GOT, HELLO, isWire, READY, SAY, type Wire, wire } from './wire.ts'

/** What a worker tells its set. */
export interface WorkerListener {
  /** It is ready, or has room again. */
  changed(): void
  said(message: unknown): void
  ended(error: ProcessDiedError): void
}

/** How a worker is started. */
export interface WorkerSettings {
  readonly target: CheckedTarget
  readonly args: readonly unknown[]
  readonly name: string
  readonly daemon: boolean
}

/** A worker of a `WorkerSet`. */
export class SetWorker {
  /** Its process. */
  readonly process: Process
  /** How many things it was given that it is not done with. */
  load = 0
  /** Whether it has said that it is ready, and lives. */
  isReady = false
  /** Whether it was told to end. */
  isStopping = false
  /** @internal Whether it is to replace another once it is ready. */
  isSuccessor = false
  /** @internal How often in a row what stood in its place has died before. */
  readonly deaths: number
  private readonly listener: WorkerListener
  private readonly outbox: Outbox
  private readonly changes = new Changes()
  private readonly answers = new Map<number, Answer>()
  private readonly started = performance.now()
  private hasEnded = false
  private lastNumber = 0
  private killer: NodeJS.Timeout | undefined = undefined

  /** @internal */
  constructor(settings: WorkerSettings, deaths: number, listener: WorkerListener) {
    this.listener = listener
    this.deaths = deaths
    this.process = new Process(settings)
    this.process.onEnd = () => this.afterLastWords(() => this.ended())
    this.process.start()
    const system = this.process.system!
    this.outbox = new Outbox(system)
    system.on('message', (message) => {
      if (isWire(message)) this.take(message)
    })
  }

  /** Its process id; -1 if the system could not start it. */
  get pid(): number {
    return this.process.pid ?? -1
  }

  /** How long it has been there, in milliseconds. */
  get uptime(): number {
    return performance.now() - this.started
  }

  private get isConnected(): boolean {
    return !this.hasEnded && this.process.system!.connected
  }

  /** @internal Whether something can be handed to it. */
  get canTake(): boolean {
    return this.isReady && !this.isStopping && this.isConnected
  }

  private take([, kind, number, bytes]: Wire): void {
    if (kind === HELLO) {
      this.outbox.open()
    } else if (kind === READY) {
      this.isReady = true
      this.changes.tell()
      this.listener.changed()
    } else if (kind === SAY) {
      // What fails here is not to end this process.
      runCallback(() => this.listener.said(decode({ bytes: bytes! })))
    } else if (kind === GOT) {
      this.outbox.confirm(number)
    } else if (kind === DONE || kind === FAILED) {
      this.settle(kind, number, bytes)
    }
  }

  private settle(kind: number, number: number, bytes: Uint8Array | null): void {
    const answer = this.answers.get(number)
    if (answer === undefined) return
    this.answers.delete(number)
    this.load -= 1
    try {
      const value = bytes === null ? undefined : decode({ bytes })
      if (kind === DONE) answer.set(value)
      else answer.fail(value)
    } catch (error) {
      answer.fail(error)
    }
    this.listener.changed()
  }

  /** What it said before its end may come after that. */
  private afterLastWords(done: () => void): void {
    const system = this.process.system!
    if (!system.connected) {
      done()
      return
    }
    system.channel?.ref()
    const once = () => {
      system.off('disconnect', once)
      system.off('close', once)
      done()
    }
    system.on('disconnect', once)
    // Node forgets to say that it is disconnected if a handle was on its way.
    system.on('close', once)
  }

  private ended(): void {
    clearTimeout(this.killer)
    this.hasEnded = true
    this.isReady = false
    const error = this.death()
    this.listener.ended(error)
    this.outbox.close(error)
    for (const answer of this.answers.values()) answer.lose(error)
    this.answers.clear()
    this.changes.tell()
  }

  private death(): ProcessDiedError {
    const { exitcode, exception } = this.process
    return new ProcessDiedError(`The worker ${this.pid} has ended with ${exitcode}`, exitcode, { cause: exception })
  }

  /**
   * Tells it something, which it takes with `Receiver.next` as it takes what it is given. It counts for no load, and is not answered.
   *
   * @throws {SerializationError} for what cannot be sent
   */
  say(message: unknown): void {
    this.offer(undefined, message)
  }

  /** @internal As `say`, with a handle that stays open here. */
  offer(handle: Handle | undefined, message: unknown): void {
    this.outbox.send({ message: wire(GIVE, 0, encodeMessage(message)), handle })
  }

  /**
   * @internal Gives it something, which counts for its load already.
   *
   * @param answer gets what it makes of that
   * @returns whether the worker has it; if not, the worker has died, the handle is as it was, and it counts for no load
   */
  give(handle: Handle | undefined, bytes: Uint8Array | null, answer: Answer): Operation<boolean> {
    return fromCallback<boolean>((resume) => {
      this.lastNumber += 1
      const number = this.lastNumber
      this.answers.set(number, answer)
      const done = (error: Error | undefined) => {
        // Also if whoever gives it was killed meanwhile.
        if (error !== undefined && this.answers.delete(number)) this.load -= 1
        // Only the death of the worker is a reason to try another.
        if (error === undefined || !this.isConnected) resume(undefined, error === undefined)
        else resume(error)
      }
      this.outbox.give(number, { message: wire(GIVE, number, bytes), handle, done })
    })
  }

  /**
   * @internal Tells it to end once it has done what it was given; ends one that has not begun.
   *
   * @param timeout how long it may take, in milliseconds; `undefined` without end
   * @param grace how long after that it is killed, in milliseconds
   */
  stop(timeout: number | undefined, grace: number): void {
    if (!this.process.isAlive()) return
    this.isStopping = true
    clearTimeout(this.killer)
    if (timeout !== undefined) {
      const delay = Math.min(timeout + grace, LONGEST_DELAY)
      this.killer = setTimeout(() => this.process.kill(), delay).unref()
    }
    if (!this.isReady) this.process.terminate()
    else this.outbox.send({ message: wire(END, timeout ?? -1, null), handle: undefined })
  }

  /** @internal Waits until it is ready; throws if it dies before. */
  untilReady(): Operation<undefined> {
    return this.changes.until('WorkerSet.restart', () => {
      if (this.isReady) return { value: undefined }
      if (this.hasEnded) throw this.death()
      return undefined
    })
  }
}
