import { type Coroutine, Greenlet, RawGreenlet } from '@greenlit/core'
import { callInHub, type LinkTarget } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from './overridable.ts'
import type { Spawning } from './spawning.ts'

/** The server whose handlers run. */
export interface HandlerOwner<T> {
  _serve(value: T, address: Address): unknown
  doClose(value: T, address: Address): void
}

/** Runs a server's handlers according to its `spawn` option, and closes each one's connection when it ends. */
export class Handlers<T> {
  private readonly owner: HandlerOwner<T>
  /** How handlers are started. */
  spawning: Spawning
  // Bound once, so that a connection costs its greenlet and little else.
  private readonly run = (value: T, address: Address) => this.owner._serve(value, address)
  private readonly runAndClose = (value: T, address: Address) => this.serveAndClose(value, address)

  constructor(owner: HandlerOwner<T>, spawning: Spawning) {
    this.owner = owner
    this.spawning = spawning
  }

  /** Starts a handler; closes the connection if that fails. */
  *start(value: T, address: Address): Coroutine<void> {
    const { spawn, spawnsGreenlets } = this.spawning
    try {
      if (spawn === undefined) {
        callInHub(this.runAndClose, [value, address])
        return
      }
      const started: Overridable<unknown> = spawn(spawnsGreenlets ? this.run : this.runAndClose, value, address)
      const spawned = started instanceof RawGreenlet ? started : yield* settle(started)
      // A link, unlike `finally`, also closes the connection of a greenlet that is killed before it first runs.
      if (spawned instanceof Greenlet) spawned.addLink(new Closing(this.owner, value, address))
    } catch (error) {
      this.owner.doClose(value, address)
      throw error
    }
  }

  private *serveAndClose(value: T, address: Address): Coroutine<unknown> {
    try {
      return yield* settle<unknown>(this.owner._serve(value, address))
    } finally {
      this.owner.doClose(value, address)
    }
  }
}

/** Link that closes a handler's connection when its greenlet ends. */
class Closing<T> implements LinkTarget {
  private readonly owner: HandlerOwner<T>
  private readonly value: T
  private readonly address: Address

  constructor(owner: HandlerOwner<T>, value: T, address: Address) {
    this.owner = owner
    this.value = value
    this.address = address
  }

  notify(): void {
    this.owner.doClose(this.value, this.address)
  }
}
