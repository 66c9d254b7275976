import { Socket } from 'node:net'
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

  /** @internal Whether something can be handed to it. */
  get canTake(): boolean {
    return this.isReady && !this.isStopping && this.process.system?.connected === true
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
        (error) => {
          this.load -= 1
          // Only the death of the worker is a reason to try another.
          if (this.process.isAlive() && this.process.system!.connected) resume(error)
          else resume(undefined, false)
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
      const socket = handle instanceof Socket && !keepOpen ? handle : undefined
      const server = socket === undefined ? undefined : detach(socket)
      // Node takes nothing that is `undefined` for a message.
      system.send((message ?? null) as object, handle, { keepOpen }, (error) => {
        if (error === null) {
          socket?.destroy()
          resolve()
        } else {
          if (socket !== undefined) Object.assign(socket, { server })
          reject(error)
        }
      })
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

/**
 * Takes a connection from its server. Node has a server ask the processes that its connections went to whether it may close, and
 * after the death of one of them its `close` would never end.
 */
function detach(socket: Socket): unknown {
  const held = socket as unknown as { server: unknown }
  const { server } = held
  held.server = null
  return server
}
