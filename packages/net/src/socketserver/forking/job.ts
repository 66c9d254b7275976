import type { Address } from '../../address/address.ts'

/** A request for a child to serve. A connection is sent as the message's handle, a datagram in `data`. */
export interface Job {
  readonly kind: 'serve'
  readonly clientAddress: Address
  readonly serverAddress: Address
  /** The datagram; `undefined` for a connection. */
  readonly data: Uint8Array | undefined
}

/** A child's request that the parent send a datagram, so that it comes from the server's address. */
export interface SendRequest {
  readonly id: number
  readonly data: Uint8Array
  readonly address: Address
}

/** The parent's answer to a `SendRequest`: how many bytes were sent, or the error. */
export interface SendAnswer {
  readonly kind: 'sent'
  readonly id: number
  readonly size: number
  readonly error: unknown
}
