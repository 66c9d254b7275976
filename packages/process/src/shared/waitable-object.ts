import { checkCallable, runCallback } from '@greenlit/core/engine'
import type { Asker } from '../tree/owned-object.ts'
import { tree } from '../tree/tree.ts'
import { SharedObject } from './shared-object.ts'

/** One link: asks to be notified when the object is ready, and consumes nothing from it. */
class Watch implements Asker {
  readonly callback: (source: never) => unknown
  private readonly tell: (isReady: boolean) => void
  /** The exchange number of the request, if the owner is another process. */
  exchange = 0
  private waits = true

  constructor(callback: (source: never) => unknown, tell: (isReady: boolean) => void) {
    this.callback = callback
    this.tell = tell
    tree.hold()
  }

  get node(): string {
    return tree.id
  }

  answer(): boolean {
    if (!this.end()) return false
    this.tell(true)
    return true
  }

  expired(): void {
    if (this.end()) this.tell(false)
  }

  // If the object is gone, its waiters must be woken too: their next call on it then fails.
  fail(): boolean {
    return this.answer()
  }

  /** Ends the link; returns whether it was still pending. */
  end(): boolean {
    if (!this.waits) return false
    this.waits = false
    tree.letGo()
    return true
  }
}

/** A shared object that can be waited for together with others, in `wait([object, event])`. */
export abstract class WaitableObject extends SharedObject {
  private readonly watches = new Set<Watch>()

  /** The method call that its owner answers once the object is ready. */
  protected get readiness(): readonly [method: string, ...args: unknown[]] {
    return ['untilReady']
  }

  /** Calls a function in the hub, once, when the object is ready. This is what `wait` uses. The function must not block. */
  rawlink(callback: (source: this) => unknown): void {
    checkCallable(callback, 'callback')
    this.watch(callback, () => runCallback(callback, this))
  }

  /**
   * @internal Finds out whether the object is ready now: calls `tell` once that is known, which takes a round trip to an owner in
   *   another process.
   * @returns a function that gives up
   */
  probe(tell: (isReady: boolean) => void): () => void {
    const watch = this.watch(tell as (source: never) => unknown, (isReady) => runCallback(tell, isReady), 0)
    const giveUp = () => this.unwatch(tell as (source: never) => unknown)
    if (this.ref.owned !== null && this.watches.has(watch)) {
      giveUp()
      runCallback(tell, false)
    }
    return giveUp
  }

  /** Asks the owner to notify a watch; with a limit, in milliseconds, the owner gives up after that. */
  private watch(callback: (source: never) => unknown, tell: (isReady: boolean) => void, limit?: number): Watch {
    const [method, ...args] = this.readiness
    const watch: Watch = new Watch(callback, (isReady) => {
      this.watches.delete(watch)
      tell(isReady)
    })
    this.watches.add(watch)
    const { ref } = this
    if (ref.owned === null) watch.exchange = tree.requests.ask(watch, ref, method, args, undefined, limit)
    else ref.owned.ask(watch, method, args, undefined)
    return watch
  }

  /** Removes one link of the function. */
  unlink(callback: (source: this) => unknown): void {
    this.unwatch(callback)
  }

  private unwatch(callback: (source: never) => unknown): void {
    for (const watch of this.watches) {
      if (watch.callback !== callback) continue
      this.watches.delete(watch)
      if (!watch.end()) return
      if (this.ref.owned === null) tree.requests.cancel(watch.exchange)
      else this.ref.owned.leave(watch)
      return
    }
  }
}
