import type { Waitable } from '@greenlit/core'
import type { Observer, Pollable } from '../description/description.ts'
import { nextDescriptor } from '../socket/descriptors.ts'

/** What may be known of an object with a `rawlink` method. */
interface Known extends Waitable {
  /** Whether it is an end of a pipe that this process has closed. */
  readonly closed?: unknown
  /** Whether it is an end of a pipe that can be written to. */
  readonly writable?: unknown
}

const known = new WeakMap<object, WaitablePollable>()

/**
 * Makes anything that `wait` takes, such as the sentinel of a process or a `Connection` of a pipe between processes, usable with
 * `select`: it is readable once it is ready. That is only known during a wait, in which it is linked to.
 */
export class WaitablePollable implements Pollable {
  readonly fd = nextDescriptor()
  // Whether it is ready turns out in a later turn, like the input of a socket.
  readonly isExternal = true
  readonly mayStayObserved = false
  readonly hasFailed = false
  readonly hungUp = false
  private readonly object: Known
  private readonly observers = new Set<Observer>()
  private isReady = false

  private constructor(object: Known) {
    this.object = object
  }

  /** Returns the pollable of an object that can be waited for, or `undefined` if it cannot. */
  static of(value: object): WaitablePollable | undefined {
    const found = known.get(value)
    if (found !== undefined) return found
    const { rawlink, unlink } = value as Partial<Waitable>
    if (typeof rawlink !== 'function' || typeof unlink !== 'function') return undefined
    const made = new WaitablePollable(value as Known)
    known.set(value, made)
    return made
  }

  get closed(): boolean {
    return this.object.closed === true
  }

  get readable(): boolean {
    return this.isReady
  }

  get writable(): boolean {
    return this.object.writable === true
  }

  startWatching(): void {}

  forget(): void {
    if (this.observers.size === 0) this.isReady = false
  }

  observe(observer: Observer): void {
    this.observers.add(observer)
    if (this.observers.size === 1) this.object.rawlink(this.changed)
  }

  unobserve(observer: Observer): void {
    if (!this.observers.delete(observer) || this.observers.size > 0) return
    this.object.unlink(this.changed)
  }

  private readonly changed = (): void => {
    this.isReady = true
    for (const observer of [...this.observers]) observer.changed(this)
  }
}
