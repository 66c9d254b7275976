import type { Socket as NetSocket, Server } from 'node:net'
import { beginBatch } from '@greenlit/core/engine'
import { closedElsewhere, fromNode, osError } from '../errors/make.ts'
import { NetTransport } from '../stream/net-transport.ts'

/** A greenlet waiting in `accept`. */
export interface AcceptWaiter {
  /** The socket it waits through. */
  readonly via: object
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
  private readonly queue: NetTransport[] = []
  /** The first waiting greenlet has its own field: usually there is only one, and an array that empties reallocates each time. */
  private firstWaiter: AcceptWaiter | null = null
  private readonly otherWaiters: AcceptWaiter[] = []
  private error: Error | null = null
  private isClosed = false

  /** @param server made with `pauseOnConnect` and `allowHalfOpen` */
  constructor(server: Server) {
    this.server = server
    server.on('connection', (netSocket: NetSocket) => beginBatch(this.onConnection, netSocket))
    server.on('error', (error) => this.failed(error))
  }

  get readable(): boolean {
    return this.queue.length > 0 || this.error !== null
  }

  private readonly onConnection = (netSocket: NetSocket): void => {
    // Node's own 'end' listener only serves sockets without half-close. With ours beside it each connection would need an array.
    const listeners = netSocket.listeners('end') as (() => void)[]
    for (let index = 0; index < listeners.length; index += 1) netSocket.off('end', listeners[index]!)
    const transport = new NetTransport(netSocket)
    if (this.isClosed || this.queue.length >= this.maxPending) {
      transport.reset()
      return
    }
    if (this.serve(transport)) return
    this.queue.push(transport)
    this.onChange()
  }

  /** Hands a connection to the first waiting greenlet; returns whether there was one. */
  private serve(transport: NetTransport): boolean {
    for (let waiter = this.nextWaiter(); waiter !== null; waiter = this.nextWaiter()) {
      if (waiter.serve(transport)) return true
    }
    return false
  }

  private failed(error: Error): void {
    for (let waiter = this.nextWaiter(); waiter !== null; waiter = this.nextWaiter()) {
      if (waiter.fail(fromNode(error))) return
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
    return this.queue.shift() ?? null
  }

  /** Puts back a connection that could not be delivered because the accepting greenlet was killed. */
  putBack(transport: NetTransport): void {
    if (this.isClosed) {
      transport.reset()
      return
    }
    if (this.serve(transport)) return
    this.queue.unshift(transport)
    this.onChange()
  }

  add(waiter: AcceptWaiter): void {
    if (this.firstWaiter === null) this.firstWaiter = waiter
    else this.otherWaiters.push(waiter)
  }

  remove(waiter: AcceptWaiter): void {
    if (this.firstWaiter === waiter) this.nextWaiter()
    else {
      const index = this.otherWaiters.indexOf(waiter)
      if (index >= 0) this.otherWaiters.splice(index, 1)
    }
  }

  private nextWaiter(): AcceptWaiter | null {
    const { firstWaiter } = this
    if (firstWaiter !== null) this.firstWaiter = this.otherWaiters.shift() ?? null
    return firstWaiter
  }

  /** Wakes the greenlets that wait through one of the listener's sockets with an error. */
  failWaitersOf(socket: object, error: Error): void {
    for (const waiter of [this.firstWaiter, ...this.otherWaiters]) {
      if (waiter?.via !== socket) continue
      this.remove(waiter)
      waiter.fail(error)
    }
  }

  /** Stops listening. Queued connections are reset, as in the kernel, and greenlets waiting in `accept` get the error. */
  close(error: Error = closedElsewhere()): void {
    if (this.isClosed) return
    this.isClosed = true
    this.server.close()
    for (const transport of this.queue.splice(0)) transport.reset()
    for (let waiter = this.nextWaiter(); waiter !== null; waiter = this.nextWaiter()) waiter.fail(error)
  }
}

/** Returns the error of `accept` on a socket that is not listening. */
export function notListening(): Error {
  return osError('EINVAL')
}
