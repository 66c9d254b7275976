import type { Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'

/** Sends messages to any process of the tree. */
export interface MessageSender {
  /** The id of this process in the tree. */
  readonly id: string
  send(header: Header, payload?: Payload): void
}
