import { timedOut } from '../errors/make.ts'
import { StateWait } from '../socket/state-wait.ts'
import type { StreamDescription } from '../socket/stream-description.ts'

/** Waits until the handshake that another greenlet makes has ended, in whatever way. */
export class ShakeWait extends StateWait<StreamDescription> {
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
