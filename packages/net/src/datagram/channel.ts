import type { Address } from '../address/address.ts'

/** Called once when something is done, with the error if it failed. */
export type Done = (error?: Error | null) => void

/** What a channel tells its description. */
export interface ChannelEvents {
  received(data: Buffer, from: Address): void
  failed(error: Error): void
}

/** What moves datagrams: one of Node's UDP sockets, or a provider's unix socket. Addresses are numeric. */
export interface DatagramChannel {
  readonly localName: Address | undefined
  bind(address: Address, done: Done): void
  connect(address: Address, done: Done): void
  /** @param address `undefined` is the connected peer */
  send(data: Buffer, address: Address | undefined, done: Done): void
  close(): void
}
