import type { Socket as NetSocket, Server } from 'node:net'
import { beginBatch } from '@greenlit/core/engine'
import { closedElsewhere, fromNode, osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'

/** A greenlet in `accept`. */
export interface Acceptor {
  /** Takes a connection and wakes; answers whether it did. */
  serve(transport: NetTransport): boolean
  fail(error: unknown): boolean
}

/**
 * The connections that wait to be accepted. Node takes them from the kernel at once and cannot be told not to; none of their
 * bytes is read before `accept`, so the peer is held by flow control, and they do not keep the program alive.
 */
export class Listener {
  readonly server: Server
  /** More than these are refused, the newest first. */
  maxPending = Infinity
  onChange: () => void = () => {}
  private readonly waiting: NetTransport[] = []
  /** Who waits, the first apart: mostly there is one, and a list that is emptied grows anew each time. */
  private first: Acceptor | null = null
  private readonly others: Acceptor[] = []
  private error: Error | null = null
  private isClosed = false

  /** @param server made with `pauseOnConnect` and `allowHalfOpen` */
  constructor(server: Server) {
    this.server = server
    server.on('connection', (netSocket: NetSocket) => beginBatch(this.arrived, netSocket))
    server.on('error', (error) => this.failed(error))
  }

  get readable(): boolean {
    return this.waiting.length > 0 || this.error !== null
  }

  private readonly arrived = (netSocket: NetSocket): void => {
    // Node's own listener is for sockets without half-close; beside another one it would cost each connection a list.
    const listeners = netSocket.listeners('end') as (() => void)[]
    for (let index = 0; index < listeners.length; index += 1) netSocket.off('end', listeners[index]!)
    const transport = new NetTransport(netSocket)
    if (this.isClosed || this.waiting.length >= this.maxPending) {
      transport.reset()
      return
    }
    if (this.serve(transport)) return
    this.waiting.push(transport)
    this.onChange()
  }

  /** Gives a connection to whoever waits first. */
  private serve(transport: NetTransport): boolean {
    for (let acceptor = this.shift(); acceptor !== null; acceptor = this.shift()) {
      if (acceptor.serve(transport)) return true
    }
    return false
  }

  private failed(error: Error): void {
    for (let acceptor = this.shift(); acceptor !== null; acceptor = this.shift()) {
      if (acceptor.fail(fromNode(error))) return
    }
    this.error = fromNode(error)
    this.onChange()
  }

  /** The next connection, if one waits. */
  take(): NetTransport | null {
    if (this.error !== null) {
      const { error } = this
      this.error = null
      throw error
    }
    return this.waiting.shift() ?? null
  }

  /** Puts back a connection that a kill kept from being delivered. */
  giveBack(transport: NetTransport): void {
    if (this.isClosed) {
      transport.reset()
      return
    }
    if (this.serve(transport)) return
    this.waiting.unshift(transport)
    this.onChange()
  }

  add(acceptor: Acceptor): void {
    if (this.first === null) this.first = acceptor
    else this.others.push(acceptor)
  }

  remove(acceptor: Acceptor): void {
    if (this.first === acceptor) this.shift()
    else {
      const index = this.others.indexOf(acceptor)
      if (index >= 0) this.others.splice(index, 1)
    }
  }

  private shift(): Acceptor | null {
    const { first } = this
    if (first !== null) this.first = this.others.shift() ?? null
    return first
  }

  /** Stops listening. Connections nobody has accepted are reset, as the kernel does; who waits for one gets the error. */
  close(error: Error = closedElsewhere()): void {
    if (this.isClosed) return
    this.isClosed = true
    this.server.close()
    for (const transport of this.waiting.splice(0)) transport.reset()
    for (let acceptor = this.shift(); acceptor !== null; acceptor = this.shift()) acceptor.fail(error)
  }
}

/** What `accept` gets on a socket that does not listen. */
export function notListening(): Error {
  return osError('EINVAL')
}
