import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD } from '../engine/states.ts'
import { CallbackLink, checkLink, type Link, type LinkKind, linksTo } from './callback-link.ts'
import { countLinks, findLink, type Links, type LinkTarget, withLink, withoutLink } from './links.ts'
import type { GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { SpawnedGreenlet } from './spawned-greenlet.ts'

/** What has happened to a greenlet, as further bits of its `flags`. */
export const REGISTERED = 16
export const QUEUED = 32
export const HAS_VALUE = 64
export const HAS_EXCEPTION = 128
const OBSERVED = 256

/** A greenlet that notifies joiners and linked functions of its end, all in one order. */
export abstract class LinkedGreenlet extends SpawnedGreenlet {
  /** @internal */
  links: Links

  // Written out because the default constructor of a class with initialized fields passes its arguments on as an array.
  constructor(run: GreenletFunction | undefined, parent: RawGreenlet) {
    super(run, parent)
    this.links = null
  }

  /** Whether the greenlet has finished, however it ended. */
  ready(): boolean {
    return this.state === DEAD
  }

  /** Whether the greenlet finished with a value; a killed one did, with its `GreenletExit`. */
  successful(): boolean {
    return (this.flags & HAS_VALUE) !== 0
  }

  /** @internal Records that somebody has asked for the outcome. */
  observe(): void {
    this.flags |= OBSERVED
  }

  /** @internal Whether somebody has asked for the outcome. */
  get isObserved(): boolean {
    return (this.flags & OBSERVED) !== 0
  }

  protected notifyLater(): void {
    if ((this.flags & QUEUED) !== 0) return
    this.flags |= QUEUED
    loop.ready(this)
  }

  protected notifyLinks(): void {
    for (let { links } = this; links !== null; links = this.links) {
      if (!(links instanceof Set)) {
        this.tell(links)
        continue
      }
      // Walks a set once: restarting the iteration for each link would step over all the removed entries again.
      for (const link of links) {
        if (this.links !== links) break
        this.tell(link)
      }
    }
    this.flags &= ~QUEUED
  }

  private tell(link: LinkTarget): void {
    this.links = withoutLink(this.links, link)
    try {
      link.notify(this)
    } catch (error) {
      runtime.reportError(link, error)
    }
  }

  /** @internal Links a target. One linked after the end is still notified, later. */
  addLink(target: LinkTarget): void {
    this.links = withLink(this.links, target)
    if (this.state === DEAD) this.notifyLater()
  }

  /** @internal */
  removeLink(target: LinkTarget): void {
    this.links = withoutLink(this.links, target)
  }

  /**
   * Calls a function in the hub when the greenlet has finished, in order with the other links and the joiners. It must not block.
   *
   * @param callback called with this greenlet; if linked after the end, it is still called, later
   */
  rawlink(callback: Link<this>): void {
    this.addLink(new CallbackLink(checkLink(callback), 'any', false))
  }

  /**
   * Calls a function when the greenlet has finished, in a greenlet of its own, where it may block. Also takes an `AsyncResult`.
   */
  link(callback: Link<this>): void {
    this.linkAs(callback, 'any')
  }

  /** Like `link`, but only if the greenlet finishes with a value; being killed counts as one. */
  linkValue(callback: Link<this>): void {
    this.linkAs(callback, 'value')
  }

  /** Like `link`, but only if the greenlet fails. */
  linkException(callback: Link<this>): void {
    this.linkAs(callback, 'exception')
  }

  private linkAs(callback: Link<this>, kind: LinkKind): void {
    this.observe()
    this.addLink(new CallbackLink(checkLink(callback), kind, true))
  }

  /** Removes one link of the function. Does nothing if there is none. */
  unlink(callback: Link<this>): void {
    const target = findLink(this.links, linksTo(callback))
    if (target !== null) this.removeLink(target)
  }

  /** Removes all links. */
  unlinkAll(): void {
    this.links = null
  }

  /** Whether there are any links or joiners (gevent: has_links). */
  hasLinks(): boolean {
    return this.links !== null
  }

  /** The number of links and joiners. */
  linkCount(): number {
    return countLinks(this.links)
  }
}
