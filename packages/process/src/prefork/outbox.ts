import type { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'
import { ProcessDiedError } from '../errors/process-error.ts'
import type { Handle } from './handle.ts'
import type { Wire } from './wire.ts'

/** What is to be sent to a worker. */
export interface Sending {
  readonly message: Wire
  readonly handle: Handle | undefined
  /** Whether the handle stays open here too. */
  readonly keepOpen: boolean
  /** Is called once: with no error when all is out, else with the handle as it was. */
  sent(error: Error | undefined): void
}

/** What goes to a worker: messages, and handles with them, in order. */
export class Outbox {
  private readonly system: ChildProcess
  /** What is to be sent once the worker takes messages: Node would make sockets and servers of handles before that, with nobody there
   * to take what comes. */
  private early: Sending[] | null = []
  /** What Node has taken but not sent: it forgets what waits when the process dies. */
  private readonly pending = new Map<Sending, () => void>()

  constructor(system: ChildProcess) {
    this.system = system
  }

  /** The worker takes messages from now on. */
  open(): void {
    const { early } = this
    this.early = null
    for (const sending of early ?? []) this.send(sending)
  }

  send(sending: Sending): void {
    if (this.early !== null) this.early.push(sending)
    else if (this.system.connected) this.transmit(sending)
    else sending.sent(new ProcessDiedError('The worker is gone'))
  }

  private transmit(sending: Sending): void {
    const { message, handle, keepOpen } = sending
    const socket = handle instanceof Socket && !keepOpen ? handle : undefined
    this.pending.set(sending, socket === undefined ? () => {} : release(socket))
    // Of a server that was closed meanwhile Node has nothing to send.
    const live = handle instanceof Server && !handle.listening ? undefined : handle
    this.system.send(message as unknown as object, live, { keepOpen }, (error) => {
      if (error !== null) this.failed(sending, error)
      else if (this.pending.delete(sending)) {
        socket?.destroy()
        sending.sent(undefined)
      }
    })
  }

  private failed(sending: Sending, error: Error): void {
    const takeBack = this.pending.get(sending)
    if (takeBack === undefined) return
    this.pending.delete(sending)
    takeBack()
    sending.sent(error)
  }

  /** The worker has died. */
  close(error: Error): void {
    const { early } = this
    this.early = null
    for (const { sent } of early ?? []) sent(error)
    for (const sending of [...this.pending.keys()]) this.failed(sending, error)
  }
}

/** The inside of Node's sockets. */
interface Inside {
  server: unknown
  _handle: { onread: unknown } | null
}

/**
 * Takes a connection from its server: Node has a server ask the processes that its connections went to whether it may close, and
 * after the death of one of them its `close` would never end.
 *
 * @returns makes the socket what it was, for another try: Node takes the handle out of it also when it could not send it
 */
function release(socket: Socket): () => void {
  const inside = socket as unknown as Inside
  const { server, _handle: handle } = inside
  const onread = handle?.onread
  inside.server = null
  return () => {
    inside.server = server
    if (handle !== null) handle.onread = onread
    inside._handle = handle
  }
}
