import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { timedOut } from '../errors/make.ts'
import type { Observer } from '../socket/description.ts'
import type { StreamDescription } from '../socket/stream-description.ts'

/** Waits until the handshake that another greenlet makes has ended, in whatever way. */
export class ShakeWait extends Blocking<undefined> implements Observer {
  private readonly description: StreamDescription
  private readonly timeout: TimeLimit

  constructor(description: StreamDescription, timeout: TimeLimit) {
    super()
    this.description = description
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { description } = this
    if (description.attempt === null) return true
    description.observe(this)
    this.limit(this.timeout)
    return false
  }

  changed(): void {
    if (this.description.attempt !== null) return
    this.description.unobserve(this)
    this.wake(undefined)
  }

  cancel(): void {
    this.description.unobserve(this)
  }

  override expire(): undefined {
    throw timedOut()
  }

  describe(): string {
    return 'SSLSocket.doHandshake'
  }
}
