import type { Event } from '@greenlit/core'
import { withCallLines } from '@greenlit/core/engine'
import { type Address, formatAddress } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { AF_UNIX, IPPROTO_TCP, SO_LINGER, SOCK_STREAM, SOL_SOCKET } from '../constants.ts'
import { Description } from '../description/description.ts'
import { closedElsewhere, osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'
import { SEND_LIMIT, type Transport } from '../stream/transport.ts'
import type { Binding } from './binding.ts'
import type { Listener } from './listener.ts'

/** A connection attempt or TLS handshake in progress. */
export interface Attempt {
  /** Whether it runs in the background, with no greenlet waiting for it. */
  readonly isBackground: boolean
  /** Gives up; the waiting greenlet gets the error. */
  abort(error: Error): void
}

/** The state of a stream socket before it is connected. An accepted socket never needs it, and is smaller without it. */
class SetupState {
  binding: Binding | null = null
  listener: Listener | null = null
  opening: Event | null = null
  attempt: Attempt | null = null
  pendingError: Error | null = null
  unreported = false
  handshakeUnreported = false
  peerAddress: Address | undefined = undefined
}

/**
 * The state of a stream socket, which is in one of these states at a time:
 *
 *     fresh -> bound -> listening
 *       `--------`----> connecting -> connected
 */
export class StreamDescription extends Description {
  transport: Transport | null
  private setup: SetupState | null
  /** The local address, if Node does not know it or will forget it; otherwise Node is asked when it is needed. */
  localAddress: Address | undefined

  // An explicit constructor: the one generated for fields with initializers passes its arguments to `super` as an array.
  constructor(family: AddressFamily) {
    super(family)
    this.transport = null
    this.setup = null
    this.localAddress = undefined
  }

  get binding(): Binding | null {
    return this.setup === null ? null : this.setup.binding
  }

  set binding(binding: Binding | null) {
    this.ensureSetup().binding = binding
    this.keepRef()
  }

  get listener(): Listener | null {
    return this.setup === null ? null : this.setup.listener
  }

  set listener(listener: Listener | null) {
    this.ensureSetup().listener = listener
    this.keepRef()
    this.changed()
  }

  /** While a greenlet is making the socket listen: the event that is set once it has finished. */
  get opening(): Event | null {
    return this.setup === null ? null : this.setup.opening
  }

  set opening(opening: Event | null) {
    this.ensureSetup().opening = opening
  }

  get attempt(): Attempt | null {
    return this.setup === null ? null : this.setup.attempt
  }

  set attempt(attempt: Attempt | null) {
    this.ensureSetup().attempt = attempt
  }

  /** SO_ERROR: the failure of a connection attempt that no greenlet waited for. */
  get pendingError(): Error | null {
    return this.setup === null ? null : this.setup.pendingError
  }

  set pendingError(error: Error | null) {
    this.ensureSetup().pendingError = error
  }

  /** A non-blocking connection attempt has succeeded, and no call has reported that yet. */
  get unreported(): boolean {
    return this.setup?.unreported === true
  }

  set unreported(unreported: boolean) {
    this.ensureSetup().unreported = unreported
  }

  /**
   * A non-blocking TLS handshake has finished, and no call has reported that yet. It makes the socket readable, as that is what a
   * caller selects for after `SSLWantReadError`.
   */
  get handshakeUnreported(): boolean {
    return this.setup?.handshakeUnreported === true
  }

  set handshakeUnreported(unreported: boolean) {
    this.ensureSetup().handshakeUnreported = unreported
  }

  /** The peer's address as recorded when the socket was connected; otherwise Node is asked. */
  get peerAddress(): Address | undefined {
    return this.setup === null ? undefined : this.setup.peerAddress
  }

  set peerAddress(address: Address | undefined) {
    this.ensureSetup().peerAddress = address
  }

  private ensureSetup(): SetupState {
    return (this.setup ??= new SetupState())
  }

  get type(): SocketType {
    return SOCK_STREAM
  }

  get isExternal(): boolean {
    return this.transport === null || this.transport.isExternal
  }

  get isListening(): boolean {
    return this.listener !== null
  }

  get protocol(): number {
    return this.family === AF_UNIX ? 0 : IPPROTO_TCP
  }

  get localName(): Address | undefined {
    const { transport } = this
    if (this.localAddress === undefined && transport instanceof NetTransport && this.family !== AF_UNIX) {
      const { localAddress, localPort } = transport.netSocket
      if (localAddress !== undefined) this.localAddress = formatAddress(this.family, localAddress, localPort ?? 0)
    }
    return this.localAddress ?? this.binding?.address
  }

  get peerName(): Address | undefined {
    const { transport, peerAddress } = this
    if (transport === null || peerAddress !== undefined || !(transport instanceof NetTransport)) return peerAddress
    const { remoteAddress, remotePort } = transport.netSocket
    return formatAddress(this.family, remoteAddress ?? '', remotePort ?? 0)
  }

  get readable(): boolean {
    const { transport } = this
    if (transport !== null) {
      return transport.inbox.length > 0 || transport.eof || transport.error !== null || this.handshakeUnreported
    }
    return this.pendingError !== null || this.listener?.readable === true
  }

  get writable(): boolean {
    const { transport } = this
    if (transport !== null) return transport.sendEnded || transport.error !== null || transport.unsent < SEND_LIMIT
    return this.pendingError !== null
  }

  get hasFailed(): boolean {
    return this.pendingError !== null || (this.transport !== null && this.transport.error !== null)
  }

  get hungUp(): boolean {
    return this.pendingError !== null || (this.transport?.eof === true && this.transport.sendEnded)
  }

  startWatching(): void {
    this.transport?.startReading()
  }

  /** Takes over a connection. */
  adopt(transport: Transport): void {
    this.transport = transport
    transport.owner = this
    this.keepRef()
    this.changed()
  }

  /** Closes a connection that could not be delivered because the connecting greenlet was killed. */
  abandon(transport: Transport): void {
    if (this.transport !== transport) return
    this.transport = null
    this.localAddress = undefined
    this.peerAddress = undefined
    transport.owner = null
    transport.close()
    this.changed()
  }

  protected applyRef(ref: boolean): void {
    const { transport, listener, binding } = this
    const held = transport instanceof NetTransport ? transport.netSocket : (listener ?? binding?.earlyListener)?.server
    if (ref) held?.ref()
    else held?.unref()
  }

  /**
   * Returns the connection. Without one it throws `code`, which for unix sockets is always ENOTCONN, or EAGAIN during a non-blocking
   * connection attempt.
   */
  connected(code: 'ENOTCONN' | 'EPIPE'): Transport {
    const { transport } = this
    if (transport !== null) return transport
    if (this.pendingError !== null) throw this.takeError()
    if (this.attempt?.isBackground) throw osError('EAGAIN')
    throw osError(this.family === AF_UNIX ? 'ENOTCONN' : code)
  }

  /** Takes the pending error (SO_ERROR). */
  takeError(): Error | null {
    const { pendingError } = this
    if (pendingError === null) return this.transport?.takeError() ?? null
    if (this.setup !== null) this.pendingError = null
    return withCallLines(pendingError, this.takeError)
  }

  leave(socket: object): void {
    this.transport?.failWaitersOf(socket, closedElsewhere())
    this.listener?.failWaitersOf(socket, closedElsewhere())
  }

  protected end(): void {
    this.attempt?.abort(closedElsewhere())
    this.listener?.close()
    this.binding?.close()
    const { transport } = this
    if (transport === null) return
    transport.owner = null
    if (transport.hasWaiters) transport.failWaiters(closedElsewhere())
    const linger = this.options.get(SOL_SOCKET, SO_LINGER)
    if (linger === 0) transport.reset()
    else transport.close()
  }

  whenFlushed(callback: () => void): void {
    const { transport } = this
    if (!(transport instanceof NetTransport) || transport.gone) callback()
    else transport.netSocket.once('close', callback)
  }
}
