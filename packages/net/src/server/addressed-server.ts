import { Event, type Operation } from '@greenlit/core'
import { type Address, showAddress } from '../address/address.ts'

/** A server's address, its running state, and its disposal at the end of a block. */
export abstract class AddressedServer<A extends Address = Address> {
  /** The address it listens on: as given, and once started the actual one. */
  address: A
  /** @internal Set while the server is not running. */
  protected readonly _stopped = new Event()

  constructor(address: A) {
    this.address = address
    this._stopped.set()
  }

  /** Whether the server is running. */
  get started(): boolean {
    return !this._stopped.isSet()
  }

  /** The host of `address`; `undefined` for a Unix server. */
  get serverHost(): string | undefined {
    return typeof this.address === 'string' ? undefined : this.address[0]
  }

  /** The port of `address`; `undefined` for a Unix server. */
  get serverPort(): number | undefined {
    return typeof this.address === 'string' ? undefined : this.address[1]
  }

  /** Stops listening immediately. */
  abstract stop(): Operation<void>

  /** Calls `stop`. */
  [Symbol.dispose](): void {
    this.stop()
  }

  /** Calls `stop` and waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  toString(): string {
    return `<${this.constructor.name} ${showAddress(this.address)}>`
  }
}
