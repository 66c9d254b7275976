import type { Address } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { AF_UNIX, IPPROTO_UDP, SHUT_RD, SHUT_WR, SOCK_DGRAM } from '../constants.ts'
import { Description } from '../description/description.ts'
import { closedElsewhere, inUse, osError } from '../errors/make.ts'
import type { ChannelEvents, DatagramChannel } from './channel.ts'
import { applyDatagramOptions } from './datagram-options.ts'
import { type Datagram, DatagramQueue } from './datagram-queue.ts'
import { UdpChannel } from './udp-channel.ts'
import { UnixChannel } from './unix-channel.ts'
import { unixDatagramProvider } from './unix-provider.ts'

/** The one greenlet that is receiving. */
export interface DatagramReader {
  /** The socket it waits through. */
  readonly via: object
  serve(): void
  /** Ends the wait, as receiving has been shut down. */
  serveEnd(): void
  fail(error: unknown): boolean
}

/** A greenlet that is sending, binding or connecting. */
export interface DatagramWaiter {
  fail(error: unknown): boolean
}

/** The state of a datagram socket. The Node socket is created when it is first needed. */
export class DatagramDescription extends Description implements ChannelEvents {
  readonly queue: DatagramQueue = new DatagramQueue()
  readonly waiters: Set<DatagramWaiter> = new Set()
  isBound = false
  /** Whether a bind is in progress, even if the greenlet that started it has been killed. */
  isBinding = false
  /** Options whose value is not a number: multicast groups and interfaces. */
  addressSettings: [level: number, name: number, value: string | readonly unknown[]][] = []
  peer: Address | undefined
  /** Whether `shutdown` has ended sending, or receiving. Node has no such call for datagrams, so the calls look here. */
  sendEnded = false
  receiveEnded = false
  /** The error reported for an earlier datagram that could not be delivered. Each is reported once. */
  private pendingError: Error | null = null
  private reader: DatagramReader | null = null
  private createdChannel: DatagramChannel | null = null

  constructor(family: AddressFamily) {
    if (family === AF_UNIX) unixDatagramProvider()
    super(family)
  }

  get type(): SocketType {
    return SOCK_DGRAM
  }

  get channel(): DatagramChannel {
    if (this.createdChannel === null) {
      this.createdChannel = this.family === AF_UNIX ? new UnixChannel(this) : new UdpChannel(this, this)
      this.keepRef()
    }
    return this.createdChannel
  }

  protected applyRef(ref: boolean): void {
    const node = this.udp?.node
    if (ref) node?.ref()
    else node?.unref()
  }

  /** The UDP channel, if there is one. */
  get udp(): UdpChannel | null {
    return this.createdChannel instanceof UdpChannel ? this.createdChannel : null
  }

  /**
   * Must be called once the system socket exists. Applies the recorded options. If one cannot be set, the system socket is closed
   * again, the option is forgotten and the error thrown: the kernel would have refused the option when it was set.
   */
  markBound(): void {
    if (this.isBound) return
    this.isBound = true
    try {
      applyDatagramOptions(this)
    } catch (error) {
      this.isBound = false
      this.discardUnbound()
      throw error
    }
  }

  /** Closes a UDP socket that could not be bound: options that are set before the next attempt apply to a new one. */
  discardUnbound(): void {
    const { udp } = this
    if (udp === null || this.isBound) return
    this.createdChannel = null
    udp.close()
  }

  get readable(): boolean {
    return this.queue.length > 0 || this.pendingError !== null || this.receiveEnded
  }

  get writable(): boolean {
    return true
  }

  get hasFailed(): boolean {
    return this.pendingError !== null
  }

  get hungUp(): boolean {
    return this.sendEnded && this.receiveEnded
  }

  get isExternal(): boolean {
    return true
  }

  get isListening(): boolean {
    return false
  }

  get protocol(): number {
    return this.family === AF_UNIX ? 0 : IPPROTO_UDP
  }

  get localName(): Address | undefined {
    return this.createdChannel?.localName
  }

  get peerName(): Address | undefined {
    return this.peer
  }

  startWatching(): void {}

  takeError(): Error | null {
    const { pendingError } = this
    this.pendingError = null
    return pendingError
  }

  attach(reader: DatagramReader): void {
    this.reader = reader
  }

  /** Throws if there is already a reader. */
  checkReader(): void {
    if (this.reader !== null) throw inUse()
  }

  detach(reader: DatagramReader): void {
    if (this.reader === reader) this.reader = null
  }

  received(data: Buffer, from: Address): void {
    this.markBound()
    if (this.queue.push([data, from])) this.arrived()
  }

  /** Puts back a datagram whose receiver was killed, and serves it to a reader that has started to wait in the meantime. */
  putBack(datagram: Datagram): void {
    this.queue.unshift(datagram)
    this.arrived()
  }

  private arrived(): void {
    const { reader } = this
    this.reader = null
    reader?.serve()
    this.changed()
  }

  failed(error: Error): void {
    const { reader } = this
    this.reader = null
    if (reader === null || !reader.fail(error)) this.pendingError = error
    this.changed()
  }

  /** Must be called when the system socket has been replaced. An option that it refuses was set before, so there is no caller to tell. */
  reopened(): void {
    try {
      applyDatagramOptions(this)
    } catch (error) {
      this.failed(error as Error)
    }
  }

  /**
   * Shuts down one or both directions. As in the kernel, datagrams that arrive later can still be received, and the error for an
   * unconnected socket does not keep the call from taking effect: programs wake their receivers this way.
   */
  shutdown(how: number): void {
    if (how !== SHUT_RD) this.sendEnded = true
    if (how !== SHUT_WR) {
      this.receiveEnded = true
      const { reader } = this
      this.reader = null
      reader?.serveEnd()
    }
    this.changed()
    if (this.peer === undefined && this.family !== AF_UNIX) throw osError('ENOTCONN')
  }

  leave(socket: object): void {
    const { reader } = this
    if (reader === null || reader.via !== socket) return
    this.reader = null
    reader.fail(closedElsewhere())
  }

  protected end(): void {
    const error = closedElsewhere()
    this.reader?.fail(error)
    this.reader = null
    for (const waiter of this.waiters) waiter.fail(error)
    this.waiters.clear()
    this.createdChannel?.close()
  }

  whenFlushed(callback: () => void): void {
    callback()
  }
}
