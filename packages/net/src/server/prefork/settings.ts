import type { Target } from '@greenlit/process'
import type { Address } from '../../address/address.ts'
import type { ListenerAddress } from '../parse-listener.ts'

/** What a worker of a `PreforkServer` is told when it starts. */
export interface WorkSettings {
  /** What serves connections. */
  readonly handler: Target
  /** How many it serves at a time; `undefined` without bound. */
  readonly size: number | undefined
  readonly address: Address
  /** Where to listen with a socket of its own; `undefined`: on the one that comes first. */
  readonly own: ListenerAddress | undefined
  readonly backlog: number
}
