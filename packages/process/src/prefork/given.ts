import { encodeError } from '../codec/payload.ts'
import type { Handle } from './handle.ts'
import { DONE, encodeMessage, FAILED, type WireMessage, wireMessage } from './wire-message.ts'

/** A handle or message, or both, that a worker received from its parent. */
export class Given {
  /** The socket or server; `undefined` if none was sent, or if it was closed in transit. */
  readonly handle: Handle | undefined
  /** The message that the parent sent with it. */
  readonly message: unknown
  private readonly send: (message: WireMessage) => void
  private number: number

  /** @internal */
  constructor(handle: Handle | undefined, message: unknown, number: number, send: (message: WireMessage) => void) {
    this.handle = handle
    this.message = message
    this.number = number
    this.send = send
  }

  /**
   * Tells the parent that this worker is done with what it was given, which lowers its load there; `ask` in the parent returns the
   * value. Only the first call of `done` or `fail` counts.
   *
   * @throws {SerializationError} for a value that cannot be sent; the parent is then told nothing
   */
  done(value?: unknown): void {
    this.reply(wireMessage(DONE, this.number, encodeMessage(value)))
  }

  /** Tells the parent that the worker failed: `ask` throws the error there; without an `ask`, the parent's hub reports it. */
  fail(error: unknown): void {
    this.reply(wireMessage(FAILED, this.number, encodeError(error).bytes))
  }

  private reply(message: WireMessage): void {
    if (this.number > 0) this.send(message)
    this.number = 0
  }
}
