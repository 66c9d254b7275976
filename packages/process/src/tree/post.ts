import type { Payload } from '../codec/payload.ts'
import type { Header } from '../transport/transport.ts'

/** Sends messages to other processes, whoever they are. */
export interface Post {
  /** This process's place in the tree. */
  readonly id: string
  send(header: Header, payload?: Payload): void
}
