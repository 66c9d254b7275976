import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import type { Description, Observer } from '../socket/description.ts'

/** Waits until reading from a socket would not wait, or until it is closed; answers `false` when its time is over, or on `stop`. */
export class Readable extends Blocking<boolean> implements Observer {
  private readonly description: Description
  private readonly timeout: TimeLimit

  constructor(description: Description, timeout: TimeLimit) {
    super()
    this.description = description
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { description } = this
    if (description.readable || description.closed) {
      this.outcome = true
      return true
    }
    description.startWatching()
    description.observe(this)
    this.limit(this.timeout)
    return false
  }

  changed(): void {
    const { description } = this
    if (!description.readable && !description.closed) return
    description.unobserve(this)
    this.wake(true)
  }

  /** Ends the wait early. */
  stop(): void {
    if (!this.isWaiting) return
    this.cancel()
    this.wake(false)
  }

  cancel(): void {
    this.description.unobserve(this)
  }

  override expire(): boolean {
    return false
  }

  describe(): string {
    return 'Server.accept'
  }
}
