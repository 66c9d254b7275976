import type { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Handle } from './handle.ts'
import type { WireMessage } from './wire-message.ts'

/** A message for a worker, with an optional handle. */
export interface OutgoingMessage {
  readonly message: WireMessage
  readonly handle: Handle | undefined
}

/** A message whose receipt the worker confirms. A socket is closed here once the worker has it. */
export interface TrackedMessage extends OutgoingMessage {
  /** Called once: without an error when the worker has it, otherwise with the error and the handle unchanged. */
  done(error: Error | undefined): void
}

/** Sends messages and handles to a worker, in order. */
export class Outbox {
  private readonly childProcess: ChildProcess
  /**
   * What to send once the worker listens for messages; `null` from then on. Sent earlier, Node would turn the handles into sockets
   * and servers in the worker with no listener to take them.
   */
  private queued: (() => void)[] | null = []
  /**
   * What the worker has not confirmed yet, by number. Node's own callback only says that the kernel took the bytes, and if the
   * process dies at that point, Node keeps the socket open forever.
   */
  private readonly unconfirmed = new Map<number, { tracked: TrackedMessage; reattach: () => void }>()

  constructor(childProcess: ChildProcess) {
    this.childProcess = childProcess
  }

  /** The worker now listens for messages: sends those that were queued. */
  open(): void {
    const { queued } = this
    this.queued = null
    for (const send of queued ?? []) send()
  }

  /** Sends a message that needs no confirmation. */
  send(message: OutgoingMessage): void {
    if (this.queued !== null) this.queued.push(() => this.transmit(message, () => {}))
    else this.transmit(message, () => {})
  }

  /** Sends a message under a number with which the worker confirms it. */
  sendTracked(number: number, tracked: TrackedMessage): void {
    const { handle } = tracked
    this.unconfirmed.set(number, { tracked, reattach: handle instanceof Socket ? detach(handle) : () => {} })
    const failed = (error: Error | null) => {
      if (error !== null) this.fail(number, error)
    }
    this.transmit(tracked, failed)
  }

  private transmit({ message, handle }: OutgoingMessage, sent: (error: Error | null) => void): void {
    const { childProcess } = this
    // A server that was closed in the meantime has no handle to send.
    const live = handle instanceof Server && !handle.listening ? undefined : handle
    if (childProcess.connected) childProcess.send(message as unknown as object, live, { keepOpen: true }, sent)
    else sent(new ProcessDiedError('The worker is gone'))
  }

  /** The worker has confirmed the message with a number. */
  confirm(number: number): void {
    const tracked = this.unconfirmed.get(number)?.tracked
    if (tracked === undefined) return
    this.unconfirmed.delete(number)
    if (tracked.handle instanceof Socket) tracked.handle.destroy()
    tracked.done(undefined)
  }

  private fail(number: number, error: Error): void {
    const entry = this.unconfirmed.get(number)
    if (entry === undefined) return
    this.unconfirmed.delete(number)
    entry.reattach()
    entry.tracked.done(error)
  }

  /** The worker has died: fails all unconfirmed messages. */
  close(error: Error): void {
    this.queued = null
    for (const number of [...this.unconfirmed.keys()]) this.fail(number, error)
  }
}

/**
 * Detaches a connection from its server. When a server closes, Node asks the processes that got its connections, and if one of
 * those is dead, `close` never completes.
 *
 * @returns a function that attaches it again
 */
function detach(socket: Socket): () => void {
  const owned = socket as unknown as { server: unknown }
  const { server } = owned
  owned.server = null
  return () => {
    owned.server = server
  }
}
