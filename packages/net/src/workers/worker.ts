import type { SendHandle } from 'node:child_process'
import { Process } from '@greenlit/process'

/** What a worker and its parent tell each other; the rest depends on the kind. */
export interface Message {
  readonly kind: string
  readonly [field: string]: unknown
}

/** What is told to leave, and is killed if it does not. */
const LEAVE: Message = { kind: 'leave' }

/** A child process that serves: messages go both ways, and sockets to it. It never outlives this process. */
export class Worker {
  readonly process: Process
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
    this.process.system!.on('message', (message) => this.onMessage(message as Message))
    this.process.system!.on('error', () => {})
    this.process.rawlink(() => this.onEnd())
  }

  get pid(): number {
    return this.process.pid ?? -1
  }

  /**
   * Sends a message, and a socket or server with it, which is then gone here.
   *
   * @returns whether the worker could still be reached; else the handle is untouched
   */
  send(message: Message, handle?: SendHandle): boolean {
    const system = this.process.system!
    if (!system.connected) return false
    system.send(message, handle, () => {})
    return true
  }

  /** Tells it to end once it is done. */
  leave(): void {
    this.send(LEAVE)
  }
}

/** A new process can only load the compiled file, also while this runs from the sources. */
function builtFile(path: string): URL {
  const own = import.meta.url
  return own.endsWith('.ts') ? new URL(`../../dist/${path}.js`, own) : new URL(`../${path}.js`, own)
}
