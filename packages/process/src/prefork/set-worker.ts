import { fromCallback, type Operation } from '@greenlit/core'
import { ProcessDiedError } from '../errors/process-error.ts'
import { Process } from '../process/process.ts'
import type { CheckedTarget } from '../process/target.ts'
import { tree } from '../tree/tree.ts'
import { type Awaited, OutsideWait } from '../wait/outside-wait.ts'
import type { Handle } from './handle.ts'

/** What a worker tells its set. */
interface Listener {
  onChange(): void
  onEnd(): void
}

/** A worker of a `WorkerSet`. */
export class SetWorker implements Awaited<undefined> {
  /** @internal */
  readonly name = 'WorkerSet.restart'
  /** Its process. */
  readonly process: Process
  /** How many things it was given that it is not done with. */
  load = 0
  /** Whether it has said that it is ready. */
  isReady = false
  /** Whether it was told to end. */
  isStopping = false
  private readonly started = performance.now()
  private readonly waits = new Set<OutsideWait<undefined>>()

  /** @internal */
  constructor(target: CheckedTarget, args: readonly unknown[], name: string, listener: Listener) {
    this.process = new Process({ target, args, name, daemon: false })
    this.process.onNote = ([kind]) => {
      if (kind === 'ready') this.isReady = true
      else if (kind === 'done') this.load -= 1
      this.tell()
      listener.onChange()
    }
    this.process.onEnd = () => {
      this.isReady = false
      this.tell()
      listener.onEnd()
    }
    this.process.start()
  }

  private tell(): void {
    for (const wait of this.waits) wait.finish()
  }

  /** Its process id. */
  get pid(): number {
    return this.process.pid!
  }

  /** How long it has been there, in milliseconds. */
  get uptime(): number {
    return performance.now() - this.started
  }

  /** @internal Tells it to end once it has done what it was given. */
  stop(): void {
    if (this.isStopping) return
    this.isStopping = true
    tree.note(this.process.node, ['stop'])
  }

  /** @internal Hands something over; answers whether it is there. */
  give(handle: Handle, message: unknown): Operation<boolean> {
    this.load += 1
    return fromCallback<boolean>((resume) => {
      this.send(handle, message, false).then(
        () => resume(undefined, true),
        () => {
          this.load -= 1
          resume(undefined, false)
        },
      )
    })
  }

  /** @internal */
  send(handle: Handle, message: unknown, keepOpen: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const { system } = this.process
      if (system === undefined || !system.connected) {
        reject(new ProcessDiedError('The worker is gone'))
        return
      }
      // Node takes nothing that is `undefined` for a message.
      system.send((message ?? null) as object, handle, { keepOpen }, (error) =>
        error === null ? resolve() : reject(error),
      )
    })
  }

  /** @internal Waits until it is ready. */
  untilReady(): Operation<undefined> {
    return new OutsideWait<undefined>(this, undefined, () => undefined)
  }

  /** @internal */
  ready(): { value: undefined } | undefined {
    if (this.isReady) return { value: undefined }
    if (!this.process.isAlive())
      throw new ProcessDiedError('The worker died before it was ready', this.process.exitcode, {
        cause: this.process.exception,
      })
    return undefined
  }

  /** @internal */
  enter(wait: OutsideWait<undefined>): void {
    this.waits.add(wait)
  }

  /** @internal */
  leave(wait: OutsideWait<undefined>): void {
    this.waits.delete(wait)
  }
}
