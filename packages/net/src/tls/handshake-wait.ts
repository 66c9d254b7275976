import { timedOut } from '../errors/make.ts'
import { StateWait } from '../socket/state-wait.ts'
import type { StreamDescription } from '../socket/stream-description.ts'

/** Waits until a handshake started by another greenlet has ended, whether it succeeded or failed. */
export class HandshakeWait extends StateWait<StreamDescription> {
  protected reached(): boolean {
    return this.description.attempt === null
  }

  override expire(): never {
    throw timedOut()
  }

  describe(): string {
    return 'SSLSocket.doHandshake'
  }
}
