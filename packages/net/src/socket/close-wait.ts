import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import type { Description } from '../description/description.ts'
import { timedOut } from '../errors/make.ts'

/** The operation `close` returns. The socket is already closed; this waits until everything sent has been flushed. */
export class CloseWait extends Blocking<undefined> {
  private readonly description: Description | null
  private readonly timeout: TimeLimit

  constructor(description: Description | null, timeout: TimeLimit) {
    super()
    this.description = description
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { description } = this
    if (description === null || !description.closed) return true
    let flushed = false
    description.whenFlushed(() => {
      flushed = true
      this.wake(undefined)
    })
    if (!flushed) this.limit(this.timeout)
    return flushed
  }

  cancel(): void {}

  override expire(): undefined {
    throw timedOut()
  }

  describe(): string {
    return 'Socket.close'
  }
}
