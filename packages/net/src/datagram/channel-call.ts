import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { timedOut } from '../errors/make.ts'
import type { Done } from './channel.ts'
import type { DatagramDescription, DatagramWaiter } from './datagram-description.ts'

/** Waits for an operation of a channel to finish. A kill ends only the wait; the operation itself goes on. */
export class ChannelCall extends Blocking<undefined> implements DatagramWaiter {
  private readonly description: DatagramDescription
  private readonly begin: (done: Done) => void
  private readonly timeout: TimeLimit
  private earlyResult: { error: Error | null | undefined } | null = null

  constructor(description: DatagramDescription, begin: (done: Done) => void, timeout: TimeLimit) {
    super()
    this.description = description
    this.begin = begin
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    this.begin((error) => this.done(error))
    if (this.earlyResult !== null) {
      if (this.earlyResult.error) throw this.earlyResult.error
      return true
    }
    this.description.waiters.add(this)
    this.limit(this.timeout === 0 ? undefined : this.timeout)
    return false
  }

  private done(error: Error | null | undefined): void {
    this.earlyResult = { error }
    if (!this.isWaiting) return
    this.description.waiters.delete(this)
    if (error) this.fail(error)
    else this.wake(undefined)
  }

  cancel(): void {
    this.description.waiters.delete(this)
  }

  override expire(): undefined {
    throw timedOut()
  }

  describe(): string {
    return 'Socket.sendto'
  }
}
