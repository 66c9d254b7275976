import type { Address } from '../address/address.ts'
import type { AddressFamily, SocketType } from '../address/family.ts'
import { assignDescriptor, releaseDescriptor } from './descriptors.ts'
import { Options } from './options.ts'

/** Something to tell that readiness may have changed. */
export interface Observer {
  changed(source: Pollable): void
}

/** What a select waits on. */
export interface Pollable {
  /** Whether reading would not wait: bytes, an end, an error, a connection to accept. */
  readonly readable: boolean
  /** Whether sending would not wait. */
  readonly writable: boolean
  /** Whether a failure waits to be told. */
  readonly hasFailed: boolean
  /** Whether both directions have ended. */
  readonly hungUp: boolean
  readonly closed: boolean
  /** Its number. */
  readonly fd: number
  /** Whether something outside the hub makes it ready. */
  readonly isExternal: boolean
  /** Whether to be observed changes nothing for anybody else, so that it may last. */
  readonly mayStayObserved: boolean
  /** Makes what comes from outside visible. */
  startWatching(): void
  observe(observer: Observer): void
  unobserve(observer: Observer): void
}

/** Those that do not keep the program alive: so few that a field of each would be wasted. */
const unreferenced = new WeakSet<Description>()

/**
 * An open file description: what `dup` shares and the last `close` ends. Sockets hold it by its number.
 *
 *     Socket --fd--> Description --> Transport | Listener | Datagrams
 */
export abstract class Description implements Pollable {
  readonly family: AddressFamily
  options: Options = Options.NONE
  private descriptor = 0
  private references = 1
  /** Mostly there is one, which needs no set. */
  private observers: Observer | Set<Observer> | null = null

  constructor(family: AddressFamily) {
    this.family = family
  }

  abstract get type(): SocketType

  get fd(): number {
    if (this.descriptor === 0) {
      if (this.closed) return -1
      this.descriptor = assignDescriptor(this)
    }
    return this.descriptor
  }

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
  /** The own address, once there is one. */
  abstract get localName(): Address | undefined
  abstract get peerName(): Address | undefined
  /** Takes the last failure that no call has told out (SO_ERROR). */
  abstract takeError(): Error | null
  abstract startWatching(): void
  /** Ends everything; whoever waits gets EBADF. */
  protected abstract end(): void
  /** Calls back once nothing is left to flush. */
  abstract whenGone(callback: () => void): void

  /** Whether what it has of the system keeps the program alive. */
  get ref(): boolean {
    return !unreferenced.has(this)
  }

  set ref(ref: boolean) {
    if (ref) unreferenced.delete(this)
    else unreferenced.add(this)
    this.applyRef(ref)
  }

  /** To be called when it gets something of the system. */
  protected keepRef(): void {
    if (!this.ref) this.applyRef(false)
  }

  /** Tells Node whether what there is keeps the program alive. */
  protected abstract applyRef(ref: boolean): void

  /** One more socket uses it. */
  share(): void {
    this.references += 1
  }

  /** One socket less uses it; the last one ends it. */
  drop(): void {
    if (this.closed) return
    this.references -= 1
    if (!this.closed) return
    if (this.descriptor !== 0) releaseDescriptor(this.descriptor)
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
