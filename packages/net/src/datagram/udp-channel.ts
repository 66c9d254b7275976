import dgram from 'node:dgram'
import { type Address, formatAddress, type InetAddress } from '../address/address.ts'
import { AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, SO_REUSEADDR, SO_REUSEPORT, SOL_SOCKET } from '../constants.ts'
import { fromNode } from '../errors/make.ts'
import type { Description } from '../socket/description.ts'
import type { ChannelEvents, DatagramChannel, Done } from './channel.ts'

type Lookup = (host: string, family: unknown, callback: (error: null, address: string, family: number) => void) => void

/** Replaces Node's resolver: hosts are already numeric here, and resolving them would only cost a turn. */
const numericOnly: Lookup = (host, family, callback) => callback(null, host, family === 6 ? 6 : 4)

/** UDP through a Node socket. */
export class UdpChannel implements DatagramChannel {
  readonly node: dgram.Socket
  private readonly description: Description
  private bound = false
  /** While a bind is in progress, errors go to its caller instead of `events`. */
  private binding = false

  constructor(description: Description, events: ChannelEvents) {
    const { family, options } = description
    this.description = description
    this.node = dgram.createSocket({
      type: family === AF_INET6 ? 'udp6' : 'udp4',
      ipv6Only: options.get(IPPROTO_IPV6, IPV6_V6ONLY) === 1,
      reuseAddr: options.get(SOL_SOCKET, SO_REUSEADDR) === 1,
      reusePort: options.get(SOL_SOCKET, SO_REUSEPORT) === 1,
      lookup: numericOnly,
    } as unknown as dgram.SocketOptions)
    this.node.on('message', (data, { address, port }) => events.received(data, formatAddress(family, address, port)))
    this.node.on('error', (error) => {
      if (!this.binding) events.failed(fromNode(error))
    })
    this.node.once('listening', () => {
      this.bound = true
    })
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
    const [host, port] = address as InetAddress
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
    node.bind({ address: host, port, exclusive: true })
  }

  connect(address: Address, done: Done): void {
    const [host, port] = address as InetAddress
    if (this.isConnected()) this.node.disconnect()
    // Node calls back a turn later. Until then another greenlet would find the socket neither unbound nor connected, and the callback
    // may even be about the previous connection. So check right away whether the socket is connected.
    const report = (error?: Error | null) => {
      if (error) done(fromNode(error))
      else if (this.isConnected()) done(undefined)
    }
    this.node.connect(port, host, report)
    report()
  }

  private isConnected(): boolean {
    try {
      this.node.remoteAddress()
      return true
    } catch {
      return false
    }
  }

  send(data: Buffer, address: Address | undefined, done: Done): void {
    const sent = (error: Error | null) => done(error === null ? undefined : fromNode(error))
    if (address === undefined) this.node.send(data, sent)
    else this.node.send(data, address[1] as number, address[0], sent)
  }

  close(): void {
    this.node.close()
  }
}
