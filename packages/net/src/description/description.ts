import type { Address } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { Options } from './options.ts'

/** Is notified that readiness may have changed. */
export interface Observer {
  changed(source: Pollable): void
}

/** An object that `select` can wait on. */
export interface Pollable {
  /** Whether reading would not block: there are bytes, the end of the stream, an error, or a connection to accept. */
  readonly readable: boolean
  /** Whether sending would not block. */
  readonly writable: boolean
  /** Whether there is a failure that has not been reported yet. */
  readonly hasFailed: boolean
  /** Whether both directions have ended, or a connection attempt has failed. */
  readonly hungUp: boolean
  readonly closed: boolean
  /** Whether something outside the hub can make it ready. */
  readonly isExternal: boolean
  /** Whether observing it has no side effects for other users, so that an observer may stay registered between calls. */
  readonly mayStayObserved: boolean
  /** Starts reading if needed: Node reports nothing about a connection that is not being read. */
  startWatching(): void
  /** Called when a wait begins, if what an earlier one found out may not hold any more. */
  forget?(): void
  observe(observer: Observer): void
  unobserve(observer: Observer): void
}

/** The descriptions that do not keep the program alive. They are so rare that a field in each would be wasteful. */
const unreferenced = new WeakSet<Description>()

/**
 * An open file description in the POSIX sense: `dup` shares it, and the last `close` ends it.
 *
 *     Socket --> Description --> Transport | Listener | DatagramChannel
 */
export abstract class Description implements Pollable {
  readonly family: AddressFamily
  options: Options = Options.NONE
  private references = 1
  /** Usually there is at most one observer, which needs no set. */
  private observers: Observer | Set<Observer> | null = null

  constructor(family: AddressFamily) {
    this.family = family
  }

  abstract get type(): SocketType

  get closed(): boolean {
    return this.references === 0
  }

  get mayStayObserved(): boolean {
    return true
  }

  abstract get readable(): boolean
  abstract get writable(): boolean
  abstract get hasFailed(): boolean
  abstract get hungUp(): boolean
  abstract get isExternal(): boolean
  abstract get isListening(): boolean
  /** IPPROTO_*, or 0 for unix sockets. */
  abstract get protocol(): number
  /** The local address, once there is one. */
  abstract get localName(): Address | undefined
  abstract get peerName(): Address | undefined
  /** Takes the last failure that no call has reported (SO_ERROR). */
  abstract takeError(): Error | null
  abstract startWatching(): void
  /** Closes everything; waiting greenlets get EBADF. */
  protected abstract end(): void
  /** Calls back once everything has been flushed and closed. */
  abstract whenFlushed(callback: () => void): void

  /** Whether its system resources keep the program alive. */
  get ref(): boolean {
    return !unreferenced.has(this)
  }

  set ref(ref: boolean) {
    if (ref) unreferenced.delete(this)
    else unreferenced.add(this)
    this.applyRef(ref)
  }

  /** Applies `ref` to a system resource; call it after acquiring one. */
  protected keepRef(): void {
    if (!this.ref) this.applyRef(false)
  }

  /** Tells Node whether the current system resources keep the program alive. */
  protected abstract applyRef(ref: boolean): void

  /** Adds a reference, for one more socket. */
  share(): void {
    this.references += 1
  }

  /** Wakes the greenlets that wait through a socket, which gives the description up, with EBADF. */
  abstract leave(socket: object): void

  /** Drops the reference of a socket; the last one ends the description. */
  drop(socket: object): void {
    if (this.closed) return
    this.references -= 1
    if (!this.closed) {
      this.leave(socket)
      return
    }
    this.end()
    this.changed()
  }

  observe(observer: Observer): void {
    const { observers } = this
    if (observers === null) this.observers = observer
    else if (observers instanceof Set) observers.add(observer)
    else if (observers !== observer) this.observers = new Set([observers, observer])
  }

  unobserve(observer: Observer): void {
    const { observers } = this
    if (observers === observer) this.observers = null
    else if (observers instanceof Set) observers.delete(observer)
  }

  changed(): void {
    const { observers } = this
    if (observers === null) return
    if (observers instanceof Set) for (const observer of [...observers]) observer.changed(this)
    else observers.changed(this)
  }
}
