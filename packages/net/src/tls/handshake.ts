import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { closedElsewhere } from '../errors/make.ts'
import { TimeoutError } from '../errors/os-error.ts'
import { SSLWantReadError } from '../errors/ssl-error.ts'
import { limitOf } from '../limit-of.ts'
import type { StreamDescription } from '../socket/stream-description.ts'
import { HandshakeAttempt, type HandshakeOptions, type HandshakeWaiter } from './handshake-attempt.ts'
import type { SniSocket } from './server-handshakes.ts'

/** What a handshake needs of its socket. */
export interface HandshakeSocket extends SniSocket {
  readonly timeoutValue: number | undefined
  /** The handshake, in progress or done. */
  handshake: HandshakeAttempt | null
  streamOf(): StreamDescription
}

/** The operation behind `doHandshake`. A kill or timeout closes the connection: half a handshake is useless. */
export class Handshake extends Blocking<undefined> implements HandshakeWaiter {
  private readonly socket: HandshakeSocket
  private readonly options: HandshakeOptions
  private readonly timeout: TimeLimit
  private attempt: HandshakeAttempt | null = null
  private early: { error: unknown } | null = null
  private starting = true

  constructor(socket: HandshakeSocket, options: HandshakeOptions, timeout: TimeLimit) {
    super()
    this.socket = socket
    this.options = options
    this.timeout = timeout
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { socket } = this
    const description = socket.streamOf()
    if (socket.handshake !== null) {
      if (socket.handshake.secure !== null) {
        description.handshakeUnreported = false
        return true
      }
      if (description.pendingError !== null) throw description.takeError()
      throw description.attempt === null ? closedElsewhere() : new SSLWantReadError()
    }
    const limit = limitOf(this.timeout, socket)
    const attempt = new HandshakeAttempt(description, this.options, socket)
    this.attempt = attempt
    if (limit !== 0) attempt.waiter = this
    attempt.begin()
    socket.handshake = attempt
    this.starting = false
    if (this.early !== null) throw this.early.error
    if (limit === 0) throw new SSLWantReadError()
    this.limit(limit)
    return false
  }

  secured(): void {
    this.wake(undefined)
  }

  override fail(error: unknown): boolean {
    if (!this.starting) return super.fail(error)
    this.early = { error }
    return true
  }

  cancel(): void {
    this.attempt!.waiter = null
    this.attempt!.abort(closedElsewhere())
  }

  override expire(): undefined {
    throw new TimeoutError('The handshake operation timed out')
  }

  describe(): string {
    return 'SSLSocket.doHandshake'
  }
}
