import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { type Address, checkDestination } from '../address/address.ts'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { ConnectAttempt, type ConnectWaiter } from './connect-attempt.ts'
import type { StreamDescription } from './stream-description.ts'

/** `connect` of a stream socket. A kill or a timeout aborts the attempt; the socket may then try again. */
export class Connect extends Blocking<undefined> implements ConnectWaiter {
  private readonly socket: { streamOf(): StreamDescription; readonly timeoutValue: number | undefined }
  private readonly address: Address
  private readonly timeout: TimeLimit
  private attempt: ConnectAttempt | null = null

  constructor(
    socket: { streamOf(): StreamDescription; readonly timeoutValue: number | undefined },
    address: Address,
    timeout: TimeLimit,
  ) {
    super()
    this.socket = socket
    this.address = address
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const description = this.socket.streamOf()
    if (description.unreported) {
      description.unreported = false
      return true
    }
    if (description.pendingError !== null) throw description.takeError()
    if (description.transport !== null || description.listener !== null || description.opening !== null)
      throw osError('EISCONN')
    const limit = limitOf(this.timeout, this.socket)
    if (description.attempt !== null) throw osError('EALREADY')
    checkDestination(this.address)
    const attempt = new ConnectAttempt(description, this.address)
    description.attempt = attempt
    if (limit !== 0) attempt.waiter = this
    this.attempt = attempt
    try {
      attempt.begin()
    } catch (error) {
      description.attempt = null
      throw error
    }
    if (limit === 0) throw osError('EINPROGRESS')
    this.limit(limit)
    return false
  }

  connected(): void {
    this.wake(undefined)
  }

  cancel(): void {
    this.attempt!.waiter = null
    this.attempt!.abort(timedOut())
  }

  protected override discard(): void {
    this.attempt?.abort(timedOut())
  }

  override expire(): undefined {
    throw timedOut()
  }

  describe(): string {
    return 'Socket.connect'
  }
}
