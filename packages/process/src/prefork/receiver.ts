import { Socket } from 'node:net'
import { getHub, type Operation } from '@greenlit/core'
import { type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { decode } from '../codec/payload.ts'
import { identity } from '../process/identity.ts'
import { OutsideWait } from '../wait/outside-wait.ts'
import { Given } from './given.ts'
import type { Handle } from './handle.ts'
import { Inbox } from './inbox.ts'
import { END, encodeForProcess, GIVE, GOT, HELLO, isWire, READY, SAY, type Wire, wire } from './wire.ts'

/**
 * What a worker of a `WorkerSet` gets from its parent. From now on Ctrl+C, which reaches the whole group of processes, does not end
 * this one: its parent says when to end.
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
  private timeLeft: number | undefined = undefined

  /** @throws {Error} if this is no process with a parent, or a thread, to which nothing can be handed */
  constructor() {
    if (identity.parent === undefined || process.send === undefined || identity.context === 'thread')
      throw new Error('Expected a worker process of a WorkerSet: nobody can hand anything to this one')
    process.on('message', (message, handle) => {
      if (isWire(message)) this.take(message, handle as Handle | undefined)
    })
    process.on('disconnect', () => this.inbox.end())
    process.on('SIGINT', () => {})
    tell(wire(HELLO, 0, null))
  }

  private take([, kind, number, bytes]: Wire, handle: Handle | undefined): void {
    if (kind === GIVE) {
      if (number > 0) tell(wire(GOT, number, null))
      this.keep(handle, number, bytes)
    } else if (kind === END) {
      if (number >= 0) this.timeLeft = number
      this.inbox.end()
    }
  }

  /** What cannot be read here fails by itself: its handle is nobody's, and the worker goes on. */
  private keep(handle: Handle | undefined, number: number, bytes: Uint8Array | null): void {
    let message: unknown
    try {
      message = bytes === null ? undefined : decode({ bytes })
    } catch (error) {
      if (handle instanceof Socket) handle.destroy()
      else handle?.close()
      if (number > 0) new Given(undefined, undefined, number, tell).fail(error)
      else getHub().handleError('a message to this worker', error)
      return
    }
    this.inbox.add(new Given(handle, message, number, tell))
  }

  /** Says that this worker may be given something; until then it is not. */
  ready(): void {
    tell(wire(READY, 0, null))
  }

  /**
   * Says something to the parent, to the set's `onMessage`.
   *
   * @throws {SerializationError} for what cannot be sent
   */
  say(message: unknown): void {
    tell(wire(SAY, 0, encodeForProcess(message)))
  }

  /** How long this worker may go on with what it has once it is told to end, in milliseconds; `undefined`: as long as that takes. */
  get timeout(): number | undefined {
    return this.timeLeft
  }

  /**
   * Waits for the next thing that is given.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns what was given; `undefined` when the worker is to end, or the time is over
   */
  next(options: { timeout?: TimeLimit } = {}): Operation<Given | undefined> {
    return new OutsideWait<Given | undefined>(this.inbox, timeoutOf(options), () => undefined)
  }
}

function tell(message: Wire): void {
  // The parent may be gone, which nobody here can help.
  if (process.connected) process.send!(message, undefined, {}, () => {})
}
