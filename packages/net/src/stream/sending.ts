import { BlockingSwitchOutError } from '@greenlit/core'
import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import type { StreamUser } from './reading.ts'
import { SEND_LIMIT, type Transport, type Writer } from './transport.ts'

/** A call that sends bytes on a stream. */
abstract class Sending<T> extends Blocking<T> implements Writer {
  mark = 0
  protected readonly socket: StreamUser
  protected readonly bytes: Buffer
  protected timeout: TimeLimit
  protected transport: Transport | null = null

  constructor(socket: StreamUser, bytes: Buffer, timeout: TimeLimit) {
    super()
    this.socket = socket
    this.bytes = bytes
    this.timeout = timeout
  }

  get via(): object {
    return this.socket
  }

  override get isExternal(): boolean {
    return this.transport!.isExternal
  }

  abstract serve(): void

  override next(): ReturnType<Blocking<T>['next']> {
    try {
      return super.next()
    } catch (error) {
      // In the hub, where a handler of a server with `spawn: null` runs: what need not wait is sent as on a non-blocking socket.
      if (!(error instanceof BlockingSwitchOutError) || this.socket.connected('EPIPE').unsent >= SEND_LIMIT) throw error
      this.timeout = 0
      this.start()
      return { done: true, value: this.outcome as T }
    }
  }

  override expire(): T {
    throw timedOut()
  }
}

/** `sendall`: finishes when the kernel has taken all bytes. */
export class Sendall extends Sending<undefined> {
  start(): boolean {
    const transport = this.socket.connected('EPIPE')
    this.transport = transport
    transport.checkSending()
    if (this.isNoop) return true
    const limit = limitOf(this.timeout, this.socket)
    // The same condition as for `select`, as in `Send`.
    if (limit === 0 && transport.unsent >= SEND_LIMIT && !transport.autoCork) {
      this.onWouldBlock()
      throw this.socket.wouldBlock?.('write') ?? osError('EAGAIN')
    }
    if (this.bytes.length > 0) {
      if (limit === 0) transport.sendCopy(this.bytes)
      else transport.send(this.bytes)
    }
    const { unsent } = transport
    if (unsent === 0 || limit === 0 || (transport.autoCork && unsent <= SEND_LIMIT)) return true
    this.mark = transport.sentMark
    transport.addWriter(this)
    this.limit(limit)
    return false
  }

  /** Whether there is nothing to send or to wait for. */
  protected get isNoop(): boolean {
    return this.bytes.length === 0
  }

  /** Called when a non-blocking call would block; none of its bytes were taken. */
  protected onWouldBlock(): void {}

  serve(): void {
    this.wake(undefined)
  }

  /** How many bytes have been sent by now is unknown, as in Python. */
  cancel(): void {
    if (this.isOut) this.transport!.removeWriter(this)
    else this.transport!.giveUp(this)
  }

  // The bytes may be out already: Node reports that only together with what another greenlet sent after them.
  override expire(): undefined {
    if (!this.isOut) super.expire()
    return undefined
  }

  private get isOut(): boolean {
    return this.transport!.isOut(this.mark)
  }

  describe(): string {
    return 'Socket.sendall'
  }
}

/** `send`: waits for buffer space, then takes all bytes. */
export class Send extends Sending<number> {
  private hasRoom = false

  start(): boolean {
    const transport = this.socket.connected('EPIPE')
    this.transport = transport
    transport.checkSending()
    this.outcome = this.bytes.length
    if (this.bytes.length === 0) return true
    // The same condition as for `select`: a call must not be refused after `select` has reported the socket writable.
    if (transport.unsent >= SEND_LIMIT) {
      const limit = limitOf(this.timeout, this.socket)
      if (limit === 0) throw this.socket.wouldBlock?.('write') ?? osError('EAGAIN')
      this.mark = transport.sentMark - SEND_LIMIT + 1
      transport.addWriter(this)
      this.limit(limit)
      return false
    }
    transport.sendCopy(this.bytes)
    return true
  }

  serve(): void {
    this.hasRoom = this.wake(this.bytes.length)
  }

  // The bytes are taken only when the greenlet runs, so that a call killed in between has sent nothing.
  override next(): ReturnType<Blocking<number>['next']> {
    if (this.hasRoom) {
      this.hasRoom = false
      const transport = this.socket.connected('EPIPE')
      transport.checkSending()
      transport.sendCopy(this.bytes)
    }
    return super.next()
  }

  cancel(): void {
    this.transport!.removeWriter(this)
  }

  describe(): string {
    return 'Socket.send'
  }
}
