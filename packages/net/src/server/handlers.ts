import { type Coroutine, Greenlet, RawGreenlet } from '@greenlit/core'
import { callInHub, type LinkTarget } from '@greenlit/core/engine'
import type { Address } from '../address/address.ts'
import { type Overridable, settle } from './overridable.ts'
import type { Spawning } from './spawning.ts'

/** Whose handlers run. */
export interface HandlerOwner<T> {
  serve(value: T, address: Address): unknown
  doClose(value: T, address: Address): void
}

/** Runs the handlers of a server as its option `spawn` says, and closes what each had. */
export class Handlers<T> {
  private readonly owner: HandlerOwner<T>
  /** How they start. */
  spawning: Spawning
  // Made once: a connection costs its greenlet and little else.
  private readonly run = (value: T, address: Address) => this.owner.serve(value, address)
  private readonly runAndClose = (value: T, address: Address) => this.serveAndClose(value, address)

  constructor(owner: HandlerOwner<T>, spawning: Spawning) {
    this.owner = owner
    this.spawning = spawning
  }

  /** Starts a handler; if that fails, what it was for is closed. */
  *start(value: T, address: Address): Coroutine<void> {
    const { spawn, givesGreenlets } = this.spawning
    try {
      if (spawn === undefined) {
        callInHub(this.runAndClose, [value, address])
        return
      }
      const started: Overridable<unknown> = spawn(givesGreenlets ? this.run : this.runAndClose, value, address)
      const spawned = started instanceof RawGreenlet ? started : yield* settle(started)
      // The link also closes what was killed before its first turn.
      if (spawned instanceof Greenlet) spawned.addLink(new Closing(this.owner, value, address))
    } catch (error) {
      this.owner.doClose(value, address)
      throw error
    }
  }

  private *serveAndClose(value: T, address: Address): Coroutine<unknown> {
    try {
      return yield* settle<unknown>(this.owner.serve(value, address))
    } finally {
      this.owner.doClose(value, address)
    }
  }
}

/** Closes what a handler had once its greenlet has ended. */
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
