import type { Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'

/** Takes a one-way message: its header, of which what was said begins at `NOTED`, and what came with it. */
export type NoteTaker = (header: Header, payload: Payload | undefined) => void

/** Where in the header of a note it is that what was said begins. */
export const NOTED = 4

/** Who takes the one-way messages of neighbours. */
export class Notes {
  private readonly takers = new Map<string, NoteTaker>()
  /** What the parent sent before anybody here was there to take it. */
  private untaken: [header: Header, payload: Payload | undefined][] = []

  /** Has what a neighbour says taken. */
  take(from: string, taker: NoteTaker): void {
    this.takers.set(from, taker)
    const { untaken } = this
    this.untaken = []
    for (const [header, payload] of untaken) taker(header, payload)
  }

  /** Takes nothing from a neighbour any more. */
  stop(from: string): void {
    this.takers.delete(from)
  }

  /** A neighbour has said something. */
  heard(header: Header, payload: Payload | undefined, isFromParent: boolean): void {
    const taker = this.takers.get(header[1])
    if (taker !== undefined) taker(header, payload)
    else if (isFromParent) this.untaken.push([header, payload])
  }
}
