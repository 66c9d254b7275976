import { StateWait } from '../socket/state-wait.ts'

/** Waits until reading from a socket would not wait, or until it is closed; answers `false` when its time is over, or on `stop`. */
export class Readable extends StateWait {
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
