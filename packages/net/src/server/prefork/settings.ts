import type { Target } from '@greenlit/process'
import type { Address } from '../../address/address.ts'
import type { ListenerAddress } from '../parse-listener.ts'

/** What a worker of a `PreforkServer` is sent when it starts. */
export interface WorkSettings {
  /** The handler that serves connections. */
  readonly handler: Target
  /** The maximum number of concurrent connections; `undefined` for no limit. */
  readonly maxConnections: number | undefined
  readonly address: Address
  /** Where to open a listening socket of its own; `undefined` to listen on the one that the parent sends as its first message. */
  readonly ownAddress: ListenerAddress | undefined
  readonly backlog: number
}
