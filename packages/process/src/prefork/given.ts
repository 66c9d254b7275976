import { encodeError } from '../codec/payload.ts'
import type { Handle } from './handle.ts'
import { DONE, encodeMessage, FAILED, type Wire, wire } from './wire.ts'

/** Something that the parent of a worker handed over. */
export class Given {
  /** The socket or server; `undefined` if there is none, or if it was closed on the way. */
  readonly handle: Handle | undefined
  /** What the parent said with it. */
  readonly message: unknown
  private readonly tell: (message: Wire) => void
  private number: number

  /** @internal */
  constructor(handle: Handle | undefined, message: unknown, number: number, tell: (message: Wire) => void) {
    this.handle = handle
    this.message = message
    this.number = number
    this.tell = tell
  }

  /**
   * Says that this is done with, so that the parent knows how busy this worker is; `ask` there gives the value. Only the first word
   * counts.
   *
   * @throws {SerializationError} for a value that cannot be sent; nothing is said then
   */
  done(value?: unknown): void {
    this.answer(wire(DONE, this.number, encodeMessage(value)))
  }

  /** Says that this failed: `ask` throws the error in the parent; if nobody asked it is reported there. */
  fail(error: unknown): void {
    this.answer(wire(FAILED, this.number, encodeError(error).bytes))
  }

  private answer(message: Wire): void {
    if (this.number > 0) this.tell(message)
    this.number = 0
  }
}
