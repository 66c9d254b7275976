import { fromCallback, type Operation } from '@greenlit/core'
import type { Receiver } from '@greenlit/process'
import type { Address } from '../../address/address.ts'
import { type BytesLike, checkBytes } from '../../bytes.ts'
import type { SendAnswer, SendRequest } from './job.ts'

/** The `server` of a handler in a child process; the actual server stays in the parent. */
export interface ForkedServer {
  /** The address the server listens on. */
  readonly serverAddress: Address
}

/** Sends datagrams through the parent, so that they come from the server's address. */
export class DatagramRelay {
  private readonly receiver: Receiver
  private readonly waiting = new Map<number, (error: unknown, size?: number) => void>()
  private last = 0

  constructor(receiver: Receiver) {
    this.receiver = receiver
  }

  send(data: Uint8Array, address: Address): Operation<number> {
    return fromCallback<number>((resume) => {
      this.last += 1
      const request: SendRequest = { id: this.last, data, address }
      this.waiting.set(request.id, resume)
      this.receiver.say(request)
      return () => this.waiting.delete(request.id)
    })
  }

  /** Called when the parent has sent a datagram or failed to. */
  sent({ id, size, error }: SendAnswer): void {
    const resume = this.waiting.get(id)
    this.waiting.delete(id)
    resume?.(error, size)
  }
}

/** The server's datagram socket in a child process. */
export class ForkedDatagramSocket {
  private readonly relay: DatagramRelay
  private readonly address: Address

  constructor(relay: DatagramRelay, address: Address) {
    this.relay = relay
    this.address = address
  }

  /** Returns the server's address. */
  getsockname(): Address {
    return this.address
  }

  /** Sends a datagram from the server's address and returns how many bytes were sent. */
  sendto(data: BytesLike, address: Address): Operation<number> {
    return this.relay.send(checkBytes(data), address)
  }
}
