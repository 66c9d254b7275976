import type { Payload } from '../codec/payload.ts'

/**
 * What goes in front of a payload: who it is for, who it is from (both as places in the tree of processes), what kind of message it
 * is, which exchange it belongs to, and what its kind needs beside that, all of which JSON can carry.
 */
export type Header = readonly [to: string, from: string, kind: number, exchange: number, ...rest: unknown[]]

/** Carries messages to one neighbour in the tree of processes, whole and in order. */
export interface Transport {
  /** Takes each message that comes. */
  onMessage: (header: Header, payload: Payload | undefined) => void
  /** Is called once, when nothing will come any more. */
  onEnd: () => void
  /** Sends a message; throws a `SerializationError` for a payload that cannot go this way. */
  send(header: Header, payload?: Payload): void
  /** Calls back once all that was sent is out of this process's hands. */
  flush(done: () => void): void
  /** Keeps the program alive while messages may come. */
  ref(): void
  unref(): void
}
