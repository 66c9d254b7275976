import { Event, type Operation } from '@greenlit/core'
import { type Address, showAddress } from '../address/address.ts'

/** What a server shows of where it listens, and how it ends with a block. */
export abstract class AddressedServer {
  /** Where it listens: as given, and once it is started the real address. */
  address: Address
  /** @internal Set while it does not serve. */
  protected readonly stopped = new Event()

  constructor(address: Address) {
    this.address = address
    this.stopped.set()
  }

  /** Whether it serves. */
  get started(): boolean {
    return !this.stopped.isSet()
  }

  /** The host of `address`; `undefined` of a unix server. */
  get serverHost(): string | undefined {
    return typeof this.address === 'string' ? undefined : this.address[0]
  }

  /** The port of `address`; `undefined` of a unix server. */
  get serverPort(): number | undefined {
    return typeof this.address === 'string' ? undefined : this.address[1]
  }

  /** Stops listening, at once. */
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
