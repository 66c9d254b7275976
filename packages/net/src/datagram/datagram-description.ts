import type { Address } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { AF_UNIX, IPPROTO_UDP, SOCK_DGRAM } from '../constants.ts'
import { closedElsewhere, inUse } from '../errors/make.ts'
import { Description } from '../socket/description.ts'
import type { ChannelEvents, DatagramChannel } from './channel.ts'
import { applyDatagramOptions } from './datagram-options.ts'
import { type Datagram, DatagramQueue } from './datagram-queue.ts'
import { UdpChannel } from './udp-channel.ts'
import { UnixChannel } from './unix-channel.ts'
import { unixDatagramProvider } from './unix-provider.ts'

/** The one greenlet that receives. */
export interface DatagramReader {
  serve(): void
  fail(error: unknown): boolean
}

/** A greenlet that sends, binds or connects. */
export interface DatagramWaiter {
  fail(error: unknown): boolean
}

/** A datagram socket's state. Node's socket is made when it is first needed. */
export class DatagramDescription extends Description implements ChannelEvents {
  readonly queue: DatagramQueue = new DatagramQueue()
  readonly waiters: Set<DatagramWaiter> = new Set()
  isBound = false
  /** It is being bound, also when who wanted that was killed. */
  isBinding = false
  /** Settings with several values, kept until the socket is bound. */
  pendingSettings: [level: number, name: number, value: string | readonly unknown[]][] = []
  peer: Address | undefined
  /** The answer to an earlier datagram that could not be delivered; each is told once. */
  private pendingError: Error | null = null
  private reader: DatagramReader | null = null
  private madeChannel: DatagramChannel | null = null

  constructor(family: AddressFamily) {
    if (family === AF_UNIX) unixDatagramProvider()
    super(family)
  }

  get type(): SocketType {
    return SOCK_DGRAM
  }

  get channel(): DatagramChannel {
    if (this.madeChannel === null) {
      this.madeChannel = this.family === AF_UNIX ? new UnixChannel(this) : new UdpChannel(this, this)
      this.keepRef()
    }
    return this.madeChannel
  }

  protected applyRef(ref: boolean): void {
    const node = this.udp?.node
    if (ref) node?.ref()
    else node?.unref()
  }

  /** Node's socket, if there is one. */
  get udp(): UdpChannel | null {
    return this.madeChannel instanceof UdpChannel ? this.madeChannel : null
  }

  /**
   * To be called once there is a descriptor of the system. A kept option that cannot be set takes it away again, and is forgotten: the
   * kernel would have refused the option before.
   */
  opened(): void {
    if (this.isBound) return
    this.isBound = true
    try {
      applyDatagramOptions(this)
    } catch (error) {
      this.isBound = false
      this.madeChannel!.close()
      this.madeChannel = null
      throw error
    }
  }

  get readable(): boolean {
    return this.queue.length > 0 || this.pendingError !== null
  }

  get writable(): boolean {
    return true
  }

  get hasFailed(): boolean {
    return this.pendingError !== null
  }

  get hungUp(): boolean {
    return false
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
    return this.madeChannel?.localName
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

  /** Refuses a second reader. */
  checkReader(): void {
    if (this.reader !== null) throw inUse()
  }

  detach(reader: DatagramReader): void {
    if (this.reader === reader) this.reader = null
  }

  received(data: Buffer, from: Address): void {
    this.opened()
    if (this.queue.push([data, from])) this.arrived()
  }

  /** Puts a datagram back that a kill kept from being delivered. Another may have begun to wait for it since. */
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

  protected end(): void {
    const error = closedElsewhere()
    this.reader?.fail(error)
    this.reader = null
    for (const waiter of this.waiters) waiter.fail(error)
    this.waiters.clear()
    this.madeChannel?.close()
  }

  whenGone(callback: () => void): void {
    callback()
  }
}
