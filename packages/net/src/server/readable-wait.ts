import { StateWait } from '../socket/state-wait.ts'

/** Waits until a socket is readable or closed. Returns `false` when the timeout expires or `stop` is called. */
export class ReadableWait extends StateWait {
  protected reached(): boolean {
    return this.description.readable || this.description.closed
  }

  /** Ends the wait early. */
  stop(): void {
    if (!this.isWaiting) return
    this.cancel()
    this.wake(false)
  }

  override expire(): boolean {
    return false
  }

  describe(): string {
    return 'Server.accept'
  }
}
