import type { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Handle } from './handle.ts'
import type { Wire } from './wire.ts'

/** What is to be sent to a worker. */
export interface Sending {
  readonly message: Wire
  readonly handle: Handle | undefined
}

/** Something that is given to a worker: a socket is gone here once the worker has it. */
export interface Gift extends Sending {
  /** Is called once: with no error when the worker has it, else with the handle as it was. */
  done(error: Error | undefined): void
}

/** What goes to a worker: messages, and handles with them, in order. */
export class Outbox {
  private readonly system: ChildProcess
  /** What is to be sent once the worker takes messages: Node would make sockets and servers of handles before that, with nobody there
   * to take what comes. */
  private early: (() => void)[] | null = []
  /**
   * What the worker has not said that it has, by number. Node's own word for it is that the system took the bytes, and of a process
   * that dies then it keeps the socket open for ever.
   */
  private readonly gifts = new Map<number, { gift: Gift; keep: () => void }>()

  constructor(system: ChildProcess) {
    this.system = system
  }

  /** The worker takes messages from now on. */
  open(): void {
    const { early } = this
    this.early = null
    for (const send of early ?? []) send()
  }

  /** Sends something that nobody needs to confirm. */
  send(sending: Sending): void {
    if (this.early !== null) this.early.push(() => this.transmit(sending, () => {}))
    else this.transmit(sending, () => {})
  }

  /** Gives something under a number. */
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
    // Of a server that was closed meanwhile Node has nothing to send.
    const live = handle instanceof Server && !handle.listening ? undefined : handle
    if (system.connected) system.send(message as unknown as object, live, { keepOpen: true }, sent)
    else sent(new ProcessDiedError('The worker is gone'))
  }

  /** The worker has what was given under a number. */
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

  /** The worker has died: nobody has what it did not confirm. */
  close(error: Error): void {
    this.early = null
    for (const number of [...this.gifts.keys()]) this.fail(number, error)
  }
}

/**
 * Takes a connection from its server: Node has a server ask the processes that its connections went to whether it may close, and
 * after the death of one of them its `close` would never end.
 *
 * @returns gives it back
 */
function detach(socket: Socket): () => void {
  const owned = socket as unknown as { server: unknown }
  const { server } = owned
  owned.server = null
  return () => {
    owned.server = server
  }
}
