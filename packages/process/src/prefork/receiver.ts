import { Socket } from 'node:net'
import { getHub, type Operation } from '@greenlit/core'
import { type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { decode } from '../codec/payload.ts'
import { identity } from '../process/identity.ts'
import { ExternalWait } from '../wait/external-wait.ts'
import { Given } from './given.ts'
import type { Handle } from './handle.ts'
import { Inbox } from './inbox.ts'
import {
  encodeForProcess,
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

/**
 * Receives the sockets, servers and messages that the parent sends to a worker of a `WorkerSet`. Once it exists, Ctrl+C, which
 * signals the whole process group, no longer ends this process: the parent decides when it stops.
 *
 * @example
 * export function* work() {
 *   const receiver = new Receiver()
 *   receiver.ready()
 *   for (let given = yield* receiver.next(); given !== undefined; given = yield* receiver.next()) {
 *     yield* serve(given.handle)
 *     given.done()
 *   }
 * }
 */
export class Receiver {
  private readonly inbox = new Inbox()
  private stopTimeout: number | undefined = undefined

  /** @throws {Error} if this process has no parent or is a thread, so that no handle can be sent to it */
  constructor() {
    if (identity.parent === undefined || process.send === undefined || identity.context === 'thread')
      throw new Error('Expected a worker process of a WorkerSet: nobody can hand anything to this one')
    process.on('message', (message, handle) => {
      if (isWireMessage(message)) this.receive(message, handle as Handle | undefined)
    })
    process.on('disconnect', () => this.inbox.end())
    process.on('SIGINT', () => {})
    send(wireMessage(HELLO, 0, null))
  }

  private receive([, kind, number, bytes]: WireMessage, handle: Handle | undefined): void {
    if (kind === GIVE) {
      if (number > 0) send(wireMessage(RECEIVED, number, null))
      this.enqueue(handle, number, bytes)
    } else if (kind === STOP) {
      if (number >= 0) this.stopTimeout = number
      this.inbox.end()
    }
  }

  /** A message that cannot be decoded fails on its own: its handle is closed, and the worker continues. */
  private enqueue(handle: Handle | undefined, number: number, bytes: Uint8Array | null): void {
    let message: unknown
    try {
      message = bytes === null ? undefined : decode({ bytes })
    } catch (error) {
      if (handle instanceof Socket) handle.destroy()
      else handle?.close()
      if (number > 0) new Given(undefined, undefined, number, send).fail(error)
      else getHub().handleError('a message to this worker', error)
      return
    }
    this.inbox.add(new Given(handle, message, number, send))
  }

  /** Tells the parent that this worker is ready; it is sent nothing before that. */
  ready(): void {
    send(wireMessage(READY, 0, null))
  }

  /**
   * Sends a message to the parent, where `WorkerSetOptions.onMessage` receives it.
   *
   * @throws {SerializationError} for a message that cannot be sent
   */
  say(message: unknown): void {
    send(wireMessage(SAY, 0, encodeForProcess(message)))
  }

  /**
   * How long this worker may continue with what it has begun once it is told to stop, in milliseconds; `undefined` for no limit,
   * and until then.
   */
  get timeout(): number | undefined {
    return this.stopTimeout
  }

  /**
   * Waits for the next handle or message from the parent.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @returns what was received; `undefined` when the worker should stop or the timeout expires
   */
  next(options: { timeout?: TimeLimit } = {}): Operation<Given | undefined> {
    return new ExternalWait<Given | undefined>(this.inbox, timeoutOf(options), () => undefined)
  }
}

function send(message: WireMessage): void {
  // If the parent is gone, the message is dropped.
  if (process.connected) process.send!(message, undefined, {}, () => {})
}
