import dgram from 'node:dgram'
import { type Address, formatAddress, type InetAddress } from '../address/address.ts'
import { AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } from '../constants.ts'
import type { Description } from '../description/description.ts'
import { fromNode } from '../errors/make.ts'
import type { ChannelEvents, DatagramChannel, Done } from './channel.ts'

type Lookup = (host: string, family: unknown, callback: (error: null, address: string, family: number) => void) => void

/** Replaces Node's resolver: hosts are already numeric here, and resolving them would only cost a turn. */
const numericOnly: Lookup = (host, family, callback) => callback(null, host, family === 6 ? 6 : 4)

/** UDP through a Node socket. */
export class UdpChannel implements DatagramChannel {
  node: dgram.Socket
  private readonly description: Description
  private readonly events: ChannelEvents
  private bound = false
  /** The local address that was asked for. */
  private local: InetAddress | undefined
  /** The peer that was asked for, while connected. */
  private peer: InetAddress | undefined
  /** While a bind is in progress, errors go to its caller instead of `events`. */
  private binding = false

  constructor(description: Description, events: ChannelEvents) {
    this.description = description
    this.events = events
    this.node = this.open()
  }

  private open(): dgram.Socket {
    const { events } = this
    const { family, options } = this.description
    const node = dgram.createSocket({
      type: family === AF_INET6 ? 'udp6' : 'udp4',
      ipv6Only: options.get(IPPROTO_IPV6, IPV6_V6ONLY) === 1,
      reuseAddr: options.get(SOL_SOCKET, SO_REUSEADDR) === 1,
      reusePort: options.get(SOL_SOCKET, SO_REUSEPORT) === 1,
      lookup: numericOnly,
    } as unknown as dgram.SocketOptions)
    node.on('message', (data, { address, port }) => events.received(data, formatAddress(family, address, port)))
    node.on('error', (error) => {
      if (!this.binding) events.failed(fromNode(error))
    })
    node.once('listening', () => {
      this.bound = true
    })
    return node
  }

  get localName(): Address | undefined {
    if (!this.bound) return undefined
    const { address, port } = this.node.address()
    return formatAddress(this.description.family, address, port)
  }

  /** The address that the kernel has connected to: for the wildcard address, the loopback one. */
  get peerName(): Address {
    const { address, port } = this.node.remoteAddress()
    return formatAddress(this.description.family, address, port)
  }

  bind(address: Address, done: Done): void {
    const { node } = this
    const settle = (error?: Error) => {
      node.off('listening', bound)
      node.off('error', failed)
      this.binding = false
      done(error)
    }
    const bound = () => settle()
    const failed = (error: Error) => settle(fromNode(error))
    node.once('listening', bound)
    node.once('error', failed)
    this.binding = true
    this.local = address as InetAddress
    node.bind({ address: address[0] as string, port: address[1] as number, exclusive: true })
  }

  connect(address: Address, done: Done): void {
    const former = this.peer
    this.disconnect()
    this.join(address as InetAddress, (error) => {
      // As in the kernel, a failure leaves the previous connection as it was.
      const isLost = error && former !== undefined && !this.isConnected && !this.description.closed
      if (isLost) this.join(former, () => done(error))
      else done(error)
    })
  }

  private join(address: InetAddress, done: Done): void {
    // Node calls back a turn later. Until then another greenlet would find the socket neither unbound nor connected, and the callback
    // may even be about the previous connection. So check right away whether the socket is connected.
    let isReported = false
    const report = (error?: Error | null) => {
      if (isReported || (!error && !this.isConnected)) return
      isReported = true
      if (!error) this.peer = address
      done(error ? fromNode(error) : undefined)
    }
    this.node.connect(address[1], address[0], report)
    report()
  }

  private disconnect(): void {
    this.peer = undefined
    if (!this.isConnected) return
    const { port } = this.node.address()
    this.node.disconnect()
    // The kernel takes back a port that it had chosen itself.
    if (this.port() !== port) this.reopen(port)
  }

  private port(): number | undefined {
    try {
      return this.node.address().port
    } catch {
      return undefined
    }
  }

  /** Replaces the Node socket, which has lost its port. */
  private reopen(port: number): void {
    const { description, node: lost } = this
    const [host] = this.local ?? [description.family === AF_INET6 ? '::' : '0.0.0.0']
    this.node = this.open()
    this.bind([host, port], (error) => {
      if (error) this.events.failed(error)
    })
    if (!description.ref) this.node.unref()
    this.events.reopened()
    // What has arrived at the old socket can still be received.
    setImmediate(() => setImmediate(() => lost.close()))
  }

  get isConnected(): boolean {
    try {
      this.node.remoteAddress()
      return true
    } catch {
      return false
    }
  }

  send(data: Buffer, address: Address | undefined, done: Done): void {
    const sent = (error: Error | null) => done(error === null ? undefined : fromNode(error))
    if (address === undefined) {
      this.node.send(data, sent)
      return
    }
    const { peer } = this
    // Node sends only to the peer while it is connected.
    if (peer !== undefined) this.disconnect()
    this.node.send(data, address[1] as number, address[0], sent)
    if (peer !== undefined) {
      this.join(peer, (error) => {
        if (error) this.events.failed(error)
      })
    }
  }

  close(): void {
    this.node.close()
  }
}
