import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import type { Reader, Transport } from './transport.ts'

/** What a reading or sending call needs of its socket. */
export interface StreamUser {
  /** The socket's own limit in milliseconds; 0 never waits, `undefined` waits without end. */
  readonly timeoutValue: number | undefined
  /** The connection; without one, throws `code`. */
  connected(code: 'ENOTCONN' | 'EPIPE'): Transport
  /** What a call gets that would have to wait and may not, if that is not EAGAIN. */
  wouldWait?(direction: 'read' | 'write'): Error
}

/** A call that waits for bytes: one object a call, which is the operation, its iterator and the reader. */
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

  /** Whether there is enough to answer with. */
  protected satisfied(transport: Transport): boolean {
    return transport.inbox.length >= this.want
  }

  /** Takes the answer out of the transport; fewer than `want` bytes are there only at the end. May throw. */
  protected abstract collect(transport: Transport): T
  /** Puts back an answer that a kill kept from being delivered. */
  protected abstract giveBack(transport: Transport, answer: T): void

  override get isExternal(): boolean {
    return this.transport === null || this.transport.isExternal
  }

  start(): boolean {
    const transport = this.socket.connected('ENOTCONN')
    this.transport = transport
    transport.checkReader()
    transport.startReading()
    if (!this.satisfied(transport)) {
      if (transport.error !== null && transport.inbox.length === 0) throw transport.takeError()
      if (!transport.eof) {
        const limit = limitOf(this.timeout, this.socket)
        if (limit === 0) throw this.socket.wouldWait?.('read') ?? osError('EAGAIN')
        transport.attach(this)
        if (transport.reader === this) {
          this.limit(limit)
          return false
        }
      }
    }
    this.outcome = this.collect(transport)
    transport.taken()
    return true
  }

  serve(): void {
    const transport = this.transport!
    let answer: T
    try {
      answer = this.collect(transport)
    } catch (error) {
      this.fail(error)
      return
    }
    if (!this.wake(answer)) this.giveBack(transport, answer)
    transport.taken()
  }

  cancel(): void {
    this.transport!.detach(this)
  }

  // What came at the last moment is an answer still.
  override expire(): T {
    const transport = this.transport!
    if (!transport.eof && !this.satisfied(transport)) {
      this.outOfTime()
      throw timedOut()
    }
    const answer = this.collect(transport)
    transport.taken()
    return answer
  }

  /** Is called when the time is over and nothing came. */
  protected outOfTime(): void {}

  protected override discard(): void {
    if (this.outcome !== undefined) this.giveBack(this.transport!, this.outcome as T)
  }

  describe(): string {
    return 'Socket.recv'
  }
}
