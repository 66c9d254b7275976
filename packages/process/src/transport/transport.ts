import type { Payload } from '../codec/payload.ts'

/**
 * The header of a message: the ids of its destination and its origin in the process tree, the kind of message, the exchange that it
 * belongs to, and any JSON data that its kind needs.
 */
export type Header = readonly [to: string, from: string, kind: number, exchange: number, ...rest: unknown[]]

/** Carries messages to one neighbour in the process tree, whole and in order. */
export interface Transport {
  /** Called with each message that arrives. */
  onMessage: (header: Header, payload: Payload | undefined) => void
  /** Called once, when no more messages will arrive. */
  onEnd: () => void
  /** Sends a message; throws a `SerializationError` for a payload that cannot be sent this way. */
  send(header: Header, payload?: Payload): void
  /** Calls back once everything sent has left this process. */
  flush(done: () => void): void
  /** Keeps the program alive while messages may arrive. */
  ref(): void
  unref(): void
}
