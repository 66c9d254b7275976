import type { Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'

/** Handles a one-way message: its header, whose elements from `NOTED` on are the note itself, and its payload. */
export type NoteTaker = (header: Header, payload: Payload | undefined) => void

/** The index in a note's header at which the note itself begins. */
export const NOTED = 4

/** The handlers of one-way messages ("notes") from this process's parent and children. */
export class Notes {
  private readonly takers = new Map<string, NoteTaker>()
  /** The notes that the parent sent before there was a handler for them. */
  private untaken: [header: Header, payload: Payload | undefined][] = []

  /** Sets the handler of notes from a neighbour. */
  take(from: string, taker: NoteTaker): void {
    this.takers.set(from, taker)
    const { untaken } = this
    this.untaken = []
    for (const [header, payload] of untaken) taker(header, payload)
  }

  /** Removes the handler of notes from a neighbour. */
  stop(from: string): void {
    this.takers.delete(from)
  }

  /** Passes a received note to its handler. */
  heard(header: Header, payload: Payload | undefined, isFromParent: boolean): void {
    const taker = this.takers.get(header[1])
    if (taker !== undefined) taker(header, payload)
    else if (isFromParent) this.untaken.push([header, payload])
  }
}
