import {
  type Coroutine,
  type Greenlet,
  getcurrent,
  getHub,
  isControlError,
  type Pool,
  sleep,
  spawn,
} from '@greenlit/core'
import type { Address } from '../address/address.ts'
import type { Socket } from '../socket/socket.ts'
import type { Handlers } from './handlers.ts'
import { type Overridable, settle } from './overridable.ts'
import { ReadableWait } from './readable-wait.ts'

/** The server on whose behalf an `Acceptor` accepts connections or datagrams. */
export interface AcceptOwner<T> {
  readonly minDelay: number
  readonly maxDelay: number
  readonly maxAccept: number
  readonly pool: Pool | undefined
  full(): boolean
  _take(socket: Socket): Coroutine<[T, Address] | undefined>
  isFatalError(error: unknown): boolean
  close(): unknown
}

/** Runs the accept loop in a greenlet. It pauses while the server is full, and for a growing delay after each error. */
export class Acceptor<T> {
  private readonly owner: AcceptOwner<T>
  private readonly handlers: Handlers<T>
  private greenlet: Greenlet<void> | null = null

  constructor(owner: AcceptOwner<T>, handlers: Handlers<T>) {
    this.owner = owner
    this.handlers = handlers
  }

  start(socket: Socket): void {
    if (this.greenlet !== null) return
    this.greenlet = spawn(() => this.accept(socket))
    // When a signal ends the program, every greenlet is killed: a socket that nobody accepts from must not keep it alive.
    this.greenlet.rawlink((ended) => {
      if (this.greenlet === ended) this.owner.close()
    })
  }

  /** Stops accepting; returns whether it was accepting. */
  stop(): boolean {
    const { greenlet } = this
    this.greenlet = null
    if (greenlet !== null && greenlet !== getcurrent()) greenlet.kill({ block: false })
    return greenlet !== null
  }

  private *accept(socket: Socket): Coroutine<void> {
    const { owner } = this
    const me = this.greenlet
    let delay = owner.minDelay
    while (this.greenlet === me) {
      try {
        yield* this.acceptSome(socket, me)
        delay = owner.minDelay
      } catch (error) {
        if (isControlError(error)) throw error
        if (this.greenlet !== me) return
        getHub().handleError(owner, error)
        if (owner.isFatalError(error)) {
          owner.close()
          return
        }
        yield* sleep(delay)
        delay = Math.min(owner.maxDelay, delay * 2)
      }
    }
  }

  /** Waits for input, then accepts what is pending until the server is full or has accepted `maxAccept`. */
  private *acceptSome(socket: Socket, me: Greenlet<void> | null): Coroutine<void> {
    const { owner } = this
    while (owner.full()) yield* settle<unknown>(this.waitForCapacity())
    yield* new ReadableWait(socket.openDescription(), undefined)
    for (let count = 0; count < owner.maxAccept; count += 1) {
      if (this.greenlet !== me || owner.full()) return
      const taken = yield* owner._take(socket)
      if (taken === undefined) return
      yield* this.handlers.start(...taken)
    }
    yield* sleep(0)
  }

  private waitForCapacity(): Overridable<unknown> {
    const { pool, minDelay } = this.owner
    return pool?.full() ? pool.waitAvailable() : sleep(minDelay)
  }
}
