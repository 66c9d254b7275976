import type { Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'

/** Handles a one-way message: its header, whose elements from `NOTE_START` on are the note itself, and its payload. */
export type NoteHandler = (header: Header, payload: Payload | undefined) => void

/** The index in a note's header at which the note itself begins. */
export const NOTE_START = 4

/** The handlers of one-way messages ("notes") from this process's parent and children. */
export class Notes {
  private readonly handlers = new Map<string, NoteHandler>()
  /** The notes that the parent sent before there was a handler for them. */
  private undelivered: [header: Header, payload: Payload | undefined][] = []

  /** Sets the handler of notes from a neighbour. */
  setHandler(from: string, handler: NoteHandler): void {
    this.handlers.set(from, handler)
    const { undelivered } = this
    this.undelivered = []
    for (const [header, payload] of undelivered) handler(header, payload)
  }

  /** Removes the handler of notes from a neighbour. */
  removeHandler(from: string): void {
    this.handlers.delete(from)
  }

  /** Passes a received note to its handler. */
  deliver(header: Header, payload: Payload | undefined, isFromParent: boolean): void {
    const handler = this.handlers.get(header[1])
    if (handler !== undefined) handler(header, payload)
    else if (isFromParent) this.undelivered.push([header, payload])
  }
}
