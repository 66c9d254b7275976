import * as net from 'node:net'
import { attempt, type Coroutine, type Greenlet, spawn } from '@greenlit/core'
import { type Address, formatAddress, type InetAddress, numericHost } from '../address/address.ts'
import type { AddressFamily } from '../address/family.ts'
import { zonedHost } from '../address/scope.ts'
import { AF_INET, AF_UNIX } from '../constants.ts'
import { fromNode } from '../errors/make.ts'
import { resolveName } from '../resolver/current.ts'
import { checkNumeric } from '../resolver/resolve-host.ts'
import { NetTransport } from '../stream/net-transport.ts'
import type { Attempt, StreamDescription } from './stream-description.ts'
import { applyStreamOptions } from './stream-options.ts'

/** The longest time in milliseconds until a full backlog is tried again. */
const LONGEST_RETRY = 64

/** A greenlet waiting for the connection. */
export interface ConnectWaiter {
  connected(): void
  fail(error: unknown): boolean
}

/**
 * One attempt to connect. It ends on its own with a connection or an error; the error goes to the waiting greenlet or, without one,
 * is kept as SO_ERROR.
 */
export class ConnectAttempt implements Attempt {
  waiter: ConnectWaiter | null = null
  private readonly description: StreamDescription
  private readonly address: Address
  private netSocket: net.Socket | null = null
  private transport: NetTransport | null = null
  private ended = false
  /** The name resolution in progress. */
  private lookup: Greenlet<unknown> | null = null
  private retry: NodeJS.Timeout | undefined
  private retryDelay = 1

  constructor(description: StreamDescription, address: Address) {
    this.description = description
    this.address = address
  }

  get isBackground(): boolean {
    return this.waiter === null
  }

  begin(): void {
    if (this.description.family === AF_UNIX) {
      this.connect({ path: this.address as string })
      return
    }
    const [, port] = this.address as InetAddress
    const name = zonedHost(this.address as InetAddress)
    const { family } = this.description
    const host = numericHost(family, name)
    if (host !== undefined) {
      checkNumeric(family, host)
      this.connect({ host, port })
      return
    }
    this.lookup = spawn(lookUp, this, name, family === AF_INET ? 4 : 6, port)
  }

  /** @internal */
  onResolved(host: string, port: number): void {
    this.lookup = null
    this.connectLater({ host, port })
  }

  private connectLater(target: net.NetConnectOpts): void {
    if (this.ended) return
    try {
      this.connect(target)
    } catch (error) {
      this.finish(error)
    }
  }

  private connect(target: net.NetConnectOpts): void {
    const { description } = this
    const taken = description.binding?.take()
    taken?.earlyListener?.close()
    let netSocket: net.Socket
    try {
      if (taken?.handle) {
        const options = { handle: taken.handle, allowHalfOpen: true }
        netSocket = new net.Socket(options as net.SocketConstructorOpts).connect(target as net.SocketConnectOpts)
      } else {
        const local = description.binding?.address
        const from =
          local === undefined || typeof local === 'string'
            ? {}
            : { localAddress: zonedHost(local), localPort: local[1] }
        netSocket = net.connect({ ...target, ...from, allowHalfOpen: true } as net.NetConnectOpts)
      }
    } catch (error) {
      throw fromNode(error)
    }
    this.netSocket = netSocket
    netSocket.once('connect', this.onConnect)
    netSocket.once('error', this.onError)
  }

  private readonly onConnect = (): void => {
    const { description } = this
    const netSocket = this.netSocket!
    netSocket.off('error', this.onError)
    this.ended = true
    description.attempt = null
    description.peerAddress = peerAddressOf(description.family, netSocket, this.address)
    applyStreamOptions(description, netSocket)
    this.transport = new NetTransport(netSocket)
    description.adopt(this.transport)
    // Node forgets it when the connection ends.
    description.localAddress = description.localName
    if (this.waiter === null) description.unreported = true
    else this.waiter.connected()
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    // The backlog of a unix socket is full: the kernel makes a blocking caller wait for room, but Node does not block.
    const { family, binding } = this.description
    if (error.code !== 'EAGAIN' || family !== AF_UNIX || binding !== null) {
      this.finish(fromNode(error))
      return
    }
    const path = this.address as string
    this.retry = setTimeout(() => this.connectLater({ path }), this.retryDelay)
    this.retryDelay = Math.min(2 * this.retryDelay, LONGEST_RETRY)
  }

  /** @internal */
  finish(error: unknown): void {
    if (this.ended) return
    this.ended = true
    const { waiter, description } = this
    description.attempt = null
    if (waiter !== null) waiter.fail(error)
    else description.pendingError = error as Error
    description.changed()
  }

  /** Gives up, also on a connection that was just established; the waiting greenlet gets the error. */
  abort(error: Error): void {
    if (this.transport !== null) this.description.abandon(this.transport)
    if (this.ended) return
    this.ended = true
    this.lookup?.kill()
    clearTimeout(this.retry)
    this.netSocket?.destroy()
    this.description.attempt = null
    this.waiter?.fail(error)
  }
}

/** Resolves a name. It runs in its own greenlet, which is killed when the attempt is aborted. */
function* lookUp(connectAttempt: ConnectAttempt, name: string, version: 4 | 6, port: number): Coroutine<void> {
  const resolved = yield* attempt(resolveName(name, version))
  if (resolved.ok) connectAttempt.onResolved(resolved.value[0].address, port)
  else connectAttempt.finish(resolved.error)
}

/** Returns the peer's address of a Node socket; for a unix socket, the address that was connected to. */
export function peerAddressOf(family: AddressFamily, netSocket: net.Socket, asked: Address): Address {
  if (family === AF_UNIX) return asked
  return formatAddress(family, netSocket.remoteAddress ?? '', netSocket.remotePort ?? 0)
}
