import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { lookSoon } from './look-soon.ts'
import type { Reader, Transport } from './transport.ts'

/** The part of a socket that reading and sending calls use. */
export interface StreamUser {
  /** The socket's timeout in milliseconds; 0 never blocks, `undefined` is no timeout. */
  readonly timeoutValue: number | undefined
  /** Returns the connection; throws `code` if there is none. */
  connected(code: 'ENOTCONN' | 'EPIPE'): Transport
  /** Returns the error of a non-blocking call that would block, where that is not EAGAIN (TLS). */
  wouldBlock?(direction: 'read' | 'write'): Error
}

/** A call that waits for bytes. One object per call serves as the operation, its iterator and the transport's reader. */
export abstract class Reading<T> extends Blocking<T> implements Reader {
  abstract readonly want: number
  protected readonly socket: StreamUser
  protected readonly timeout: TimeLimit
  protected transport: Transport | null = null

  constructor(socket: StreamUser, timeout: TimeLimit) {
    super()
    this.socket = socket
    this.timeout = timeout
  }

  /** Whether enough bytes have arrived for the call to return. Always asked before `collect`. */
  protected hasEnough(transport: Transport): boolean {
    return transport.inbox.length >= this.want
  }

  /** Takes the result out of the transport, which has fewer than `want` bytes only at the end of the stream. May throw. */
  protected abstract collect(transport: Transport): T
  /** Puts back a result that could not be delivered because the greenlet was killed. */
  protected abstract putBack(transport: Transport, result: T): void

  get via(): object {
    return this.socket
  }

  override get isExternal(): boolean {
    return this.transport === null || this.transport.isExternal
  }

  start(): boolean {
    const transport = this.socket.connected('ENOTCONN')
    this.transport = transport
    transport.checkReader()
    transport.startReading()
    if (!this.hasEnough(transport)) {
      if (transport.error !== null && transport.inbox.length === 0) throw transport.takeError()
      if (!transport.eof) {
        const limit = limitOf(this.timeout, this.socket)
        if (limit === 0 && !transport.isExternal) throw this.wouldBlock()
        transport.attach(this)
        if (transport.reader === this) {
          if (limit === 0) lookSoon(this)
          else this.limit(limit)
          return false
        }
      }
    }
    this.outcome = this.collect(transport)
    transport.taken()
    return true
  }

  private wouldBlock(): Error {
    return this.socket.wouldBlock?.('read') ?? osError('EAGAIN')
  }

  /** @internal */
  lookOnce(): void {
    const transport = this.transport!
    transport.detach(this)
    if (this.hasEnough(transport) || transport.eof) this.serve()
    else this.fail(this.wouldBlock())
  }

  serve(): void {
    const transport = this.transport!
    let result: T
    try {
      result = this.collect(transport)
    } catch (error) {
      this.fail(error)
      return
    }
    if (!this.wake(result)) this.putBack(transport, result)
    transport.taken()
  }

  cancel(): void {
    this.transport!.detach(this)
  }

  // Bytes that arrived at the last moment still count.
  override expire(): T {
    const transport = this.transport!
    if (!this.hasEnough(transport) && !transport.eof) {
      this.onTimeout()
      throw timedOut()
    }
    const result = this.collect(transport)
    transport.taken()
    return result
  }

  /** Called when the call times out without a result. */
  protected onTimeout(): void {}

  protected override discard(): void {
    if (this.outcome !== undefined) this.putBack(this.transport!, this.outcome as T)
  }

  describe(): string {
    return 'Socket.recv'
  }
}
