import { type Greenlet, type Operation, spawn } from '@greenlit/core'
import { checkCallable, runCallback } from '@greenlit/core/engine'
import type { SharedReference } from '../codec/shared.ts'
import { Ask, type AskOptions, act } from '../tree/ask.ts'
import type { Place } from '../tree/place.ts'

/** What processes share: it stays with the process that made it, and goes to others as a view of it. */
export abstract class SharedObject {
  /** @internal */
  readonly place: Place
  private links: { callback: (source: never) => unknown; watcher: Greenlet<unknown> }[] | undefined = undefined

  /** @internal */
  constructor(place: Place) {
    this.place = place
  }

  /** What it is called in messages, and found by when it arrives. */
  protected abstract get kind(): string

  /** Waits until it is ready, and takes nothing. */
  protected abstract untilReady(): Operation<unknown>

  /** @internal */
  toReference(_destination: string | undefined): SharedReference {
    return [this.kind, this.place.node, this.place.object, ...this.viewData()]
  }

  /** What a view of it needs to know. */
  protected viewData(): readonly unknown[] {
    return []
  }

  /** Calls it and waits for the answer. */
  protected ask<T>(method: string, args: readonly unknown[], options: Omit<AskOptions<T>, 'name'> = {}): Operation<T> {
    return new Ask<T>(this.place, method, args, { name: `${this.kind}.${method}`, ...options })
  }

  /** Calls it at once; the operation only waits for the answer. */
  protected act<T>(method: string, args: readonly unknown[]): Operation<T> {
    return act<T>(this.place, method, args, `${this.kind}.${method}`)
  }

  /** Calls a function in the hub, once, when it is ready. */
  rawlink(callback: (source: this) => unknown): void {
    checkCallable(callback, 'callback')
    const watcher = spawn(() => this.untilReady())
    const link = { callback, watcher }
    this.links ??= []
    this.links.push(link)
    watcher.rawlink(() => {
      if (this.forget(link) && watcher.successful()) runCallback(callback, this)
    })
  }

  /** Takes back one link of the function. */
  unlink(callback: (source: this) => unknown): void {
    const link = this.links?.find((one) => one.callback === callback)
    if (link === undefined) return
    this.forget(link)
    link.watcher.kill()
  }

  private forget(link: { watcher: Greenlet<unknown> }): boolean {
    const index = this.links?.findIndex((one) => one.watcher === link.watcher) ?? -1
    if (index >= 0) this.links!.splice(index, 1)
    return index >= 0
  }
}
