import type { Address } from '../address/address.ts'

/** Called when an operation has finished, with the error if it failed. */
export type Done = (error?: Error | null) => void

/** The events that a channel reports to its description. */
export interface ChannelEvents {
  received(data: Buffer, from: Address): void
  failed(error: Error): void
  /** The channel has a new system socket at the same address. */
  reopened(): void
}

/** Sends and receives datagrams, through a Node UDP socket or a provider's unix socket. Hosts are numeric. */
export interface DatagramChannel {
  readonly localName: Address | undefined
  bind(address: Address, done: Done): void
  connect(address: Address, done: Done): void
  /** @param address the destination; `undefined` for the connected peer */
  send(data: Buffer, address: Address | undefined, done: Done): void
  close(): void
}
