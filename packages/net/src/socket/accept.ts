import { Blocking, type TimeLimit } from '@greenlit/core/engine'
import { osError, timedOut } from '../errors/make.ts'
import { limitOf } from '../limit-of.ts'
import { lookSoon } from '../stream/look-soon.ts'
import type { NetTransport } from '../stream/net-transport.ts'
import { type AcceptWaiter, type Listener, notListening } from './listener.ts'

/** The part of a socket that `accept` uses. */
interface Listening {
  readonly timeoutValue: number | undefined
  listenerOf(): Listener | null
}

/** `accept`: waits for the next connection. */
export class Accept<T, S extends Listening> extends Blocking<T> implements AcceptWaiter {
  private readonly socket: S
  private readonly adopt: (socket: S, transport: NetTransport) => T
  private readonly timeout: TimeLimit
  private listener: Listener | null = null
  private transport: NetTransport | null = null

  /** @param adopt turns a connection into the call's result */
  constructor(socket: S, adopt: (socket: S, transport: NetTransport) => T, timeout: TimeLimit) {
    super()
    this.socket = socket
    this.adopt = adopt
    this.timeout = timeout
  }

  get via(): object {
    return this.socket
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const listener = this.socket.listenerOf()
    if (listener === null) throw notListening()
    this.listener = listener
    const transport = listener.take()
    if (transport !== null) {
      this.outcome = this.adopt(this.socket, transport)
      return true
    }
    const limit = limitOf(this.timeout, this.socket)
    listener.add(this)
    if (limit === 0) lookSoon(this)
    else this.limit(limit)
    return false
  }

  /** @internal */
  lookOnce(): void {
    this.listener!.remove(this)
    this.fail(osError('EAGAIN'))
  }

  serve(transport: NetTransport): boolean {
    if (!this.wake(undefined)) return false
    this.transport = transport
    return true
  }

  // The socket is created only when the greenlet runs, so that a kill in between leaves a connection that can be handed back.
  override next(): ReturnType<Blocking<T>['next']> {
    if (this.transport !== null) {
      const { transport } = this
      this.transport = null
      this.outcome = this.adopt(this.socket, transport)
    }
    return super.next()
  }

  protected override discard(): void {
    if (this.transport !== null) this.listener!.putBack(this.transport)
  }

  cancel(): void {
    this.listener!.remove(this)
  }

  override expire(): T {
    throw timedOut()
  }

  describe(): string {
    return 'Socket.accept'
  }
}
