import type { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Handle } from './handle.ts'
import type { Wire } from './wire.ts'

/** A message for a worker, with an optional handle. */
export interface Sending {
  readonly message: Wire
  readonly handle: Handle | undefined
}

/** A message whose receipt the worker confirms. A socket is closed here once the worker has it. */
export interface Gift extends Sending {
  /** Called once: without an error when the worker has it, otherwise with the error and the handle unchanged. */
  done(error: Error | undefined): void
}

/** Sends messages and handles to a worker, in order. */
export class Outbox {
  private readonly system: ChildProcess
  /**
   * What to send once the worker listens for messages; `null` from then on. Sent earlier, Node would turn the handles into sockets
   * and servers in the worker with no listener to take them.
   */
  private early: (() => void)[] | null = []
  /**
   * What the worker has not confirmed yet, by number. Node's own callback only says that the kernel took the bytes, and if the
   * process dies at that point, Node keeps the socket open forever.
   */
  private readonly gifts = new Map<number, { gift: Gift; keep: () => void }>()

  constructor(system: ChildProcess) {
    this.system = system
  }

  /** The worker now listens for messages: sends those that were queued. */
  open(): void {
    const { early } = this
    this.early = null
    for (const send of early ?? []) send()
  }

  /** Sends a message that needs no confirmation. */
  send(sending: Sending): void {
    if (this.early !== null) this.early.push(() => this.transmit(sending, () => {}))
    else this.transmit(sending, () => {})
  }

  /** Sends a message under a number with which the worker confirms it. */
  give(number: number, gift: Gift): void {
    const { handle } = gift
    this.gifts.set(number, { gift, keep: handle instanceof Socket ? detach(handle) : () => {} })
    const failed = (error: Error | null) => {
      if (error !== null) this.fail(number, error)
    }
    this.transmit(gift, failed)
  }

  private transmit({ message, handle }: Sending, sent: (error: Error | null) => void): void {
    const { system } = this
    // A server that was closed in the meantime has no handle to send.
    const live = handle instanceof Server && !handle.listening ? undefined : handle
    if (system.connected) system.send(message as unknown as object, live, { keepOpen: true }, sent)
    else sent(new ProcessDiedError('The worker is gone'))
  }

  /** The worker has confirmed the message with a number. */
  confirm(number: number): void {
    const gift = this.gifts.get(number)?.gift
    if (gift === undefined) return
    this.gifts.delete(number)
    if (gift.handle instanceof Socket) gift.handle.destroy()
    gift.done(undefined)
  }

  private fail(number: number, error: Error): void {
    const given = this.gifts.get(number)
    if (given === undefined) return
    this.gifts.delete(number)
    given.keep()
    given.gift.done(error)
  }

  /** The worker has died: fails all unconfirmed messages. */
  close(error: Error): void {
    this.early = null
    for (const number of [...this.gifts.keys()]) this.fail(number, error)
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
