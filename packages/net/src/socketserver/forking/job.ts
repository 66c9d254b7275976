import type { Address } from '../../address/address.ts'

/** A request for a child: its connection comes beside it, its datagram with it. */
export interface Job {
  readonly kind: 'serve'
  readonly clientAddress: Address
  readonly serverAddress: Address
  /** The datagram; `undefined` of a connection. */
  readonly data: Uint8Array | undefined
}

/** The child sends a datagram, which must come from the server's address. */
export interface SendRequest {
  readonly id: number
  readonly data: Uint8Array
  readonly address: Address
}

/** The datagram is sent, or not. */
export interface SendAnswer {
  readonly kind: 'sent'
  readonly id: number
  readonly size: number
  readonly error: unknown
}
