import type { Address } from '../../address/address.ts'
import type { Message } from '../../workers/worker.ts'
import type { ListenerAddress } from '../parse-listener.ts'

/** A worker is to serve: on the listening socket that comes beside it, or on one of its own. */
export interface ListenMessage extends Message {
  readonly kind: 'listen'
  readonly address: Address
  /** Where to listen with a socket of its own; `undefined`: on the one that comes. */
  readonly own: ListenerAddress | undefined
  readonly backlog: number
}

/** How a worker runs its handlers: at most so many at a time, or without bound. */
export interface WorkSettings {
  readonly size: number | undefined
}
