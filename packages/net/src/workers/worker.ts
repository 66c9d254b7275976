import type { SendHandle } from 'node:child_process'
import { Process } from '@greenlit/process'

/** What a worker and its parent tell each other; the rest depends on the kind. */
export interface Message {
  readonly kind: string
  readonly [field: string]: unknown
}

/** The worker takes messages from now on. */
export const HELLO: Message = { kind: 'hello' }

type Sending = [message: Message, handle: SendHandle | undefined, sent: () => void]

/** A child process that serves: messages go both ways, and sockets to it. It never outlives this process. */
export class Worker {
  readonly process: Process
  /**
   * What is to be sent once the worker takes messages; `null` from then on. Node would make sockets and servers of handles before
   * that, with nobody there to take what comes.
   */
  private early: Sending[] | null = []
  onMessage: (message: Message) => void = () => {}
  /** Is called once, at its end. */
  onEnd: () => void = () => {}

  /**
   * @param file a module of this package's source folder, without its ending, whose export `work` runs in the worker
   * @param args its arguments
   */
  constructor(file: string, args: readonly unknown[]) {
    this.process = new Process({ target: { module: builtFile(file), export: 'work' }, args, daemon: true })
    this.process.start()
    this.process.system!.on('message', (message) => this.told(message as Message))
    this.process.system!.on('error', () => {})
    this.process.rawlink(() => this.ended())
  }

  private told(message: Message): void {
    if (message.kind !== HELLO.kind) {
      this.onMessage(message)
      return
    }
    const { early } = this
    this.early = null
    for (const sending of early ?? []) this.send(...sending)
  }

  private ended(): void {
    for (const [, , sent] of this.early ?? []) sent()
    this.early = null
    this.onEnd()
  }

  get pid(): number {
    return this.process.pid ?? -1
  }

  /**
   * Sends a message, and a socket or server with it, which is then gone here.
   *
   * @param sent is called once the handle is out, or cannot be sent any more
   * @returns whether the worker could still be reached; else the handle is untouched
   */
  send(message: Message, handle?: SendHandle, sent: () => void = () => {}): boolean {
    const system = this.process.system!
    if (!system.connected) return false
    if (this.early !== null) this.early.push([message, handle, sent])
    else system.send(message, handle, {}, sent)
    return true
  }

  /**
   * Tells it to end once it is done.
   *
   * @param timeout how long it may take, in milliseconds, where it has something to finish
   */
  leave(timeout?: number): void {
    this.send({ kind: 'leave', timeout })
  }
}

/** A new process can only load the compiled file, also while this runs from the sources. */
function builtFile(path: string): URL {
  const own = import.meta.url
  return own.endsWith('.ts') ? new URL(`../../dist/${path}.js`, own) : new URL(`../${path}.js`, own)
}
