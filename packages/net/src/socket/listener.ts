import type { Socket as NetSocket, Server } from 'node:net'
import { beginBatch } from '@greenlit/core/engine'
import { closedElsewhere, fromNode, osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'

/** A greenlet waiting in `accept`. */
export interface Acceptor {
  /** Takes a connection and wakes the greenlet; returns false if the greenlet no longer waits. */
  serve(transport: NetTransport): boolean
  fail(error: unknown): boolean
}

/**
 * A listening server and its queue of connections to accept. Node accepts them from the kernel right away and cannot be told not
 * to. None of their bytes are read before `accept`, so flow control holds the peer back, and they do not keep the program alive.
 */
export class Listener {
  readonly server: Server
  /** New connections beyond this many in the queue are reset. */
  maxPending = Infinity
  onChange: () => void = () => {}
  private readonly waiting: NetTransport[] = []
  /** The first waiting greenlet has its own field: usually there is only one, and an array that empties reallocates each time. */
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
    // Node's own 'end' listener only serves sockets without half-close. With ours beside it each connection would need an array.
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

  /** Hands a connection to the first waiting greenlet; returns whether there was one. */
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

  /** Takes the next queued connection, if there is one; throws a pending error. */
  take(): NetTransport | null {
    if (this.error !== null) {
      const { error } = this
      this.error = null
      throw error
    }
    return this.waiting.shift() ?? null
  }

  /** Puts back a connection that could not be delivered because the accepting greenlet was killed. */
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

  /** Stops listening. Queued connections are reset, as in the kernel, and greenlets waiting in `accept` get the error. */
  close(error: Error = closedElsewhere()): void {
    if (this.isClosed) return
    this.isClosed = true
    this.server.close()
    for (const transport of this.waiting.splice(0)) transport.reset()
    for (let acceptor = this.shift(); acceptor !== null; acceptor = this.shift()) acceptor.fail(error)
  }
}

/** Returns the error of `accept` on a socket that is not listening. */
export function notListening(): Error {
  return osError('EINVAL')
}
