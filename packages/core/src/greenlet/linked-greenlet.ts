import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD } from '../engine/states.ts'
import { CallbackLink, checkLink, type Link, type LinkKind, linksTo } from './callback-link.ts'
import { type Links, type LinkTarget, listLinks, withLink, withoutLink } from './links.ts'
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
  _links: Links

  // Written out because the default constructor of a class with initialized fields passes its arguments on as an array.
  constructor(run: GreenletFunction | undefined, parent: RawGreenlet) {
    super(run, parent)
    this._links = null
  }

  /** Whether the greenlet has finished, however it ended. */
  ready(): boolean {
    return this._state === DEAD
  }

  /** Whether the greenlet finished with a value; a killed one did, with its `GreenletExit`. */
  successful(): boolean {
    return (this._flags & HAS_VALUE) !== 0
  }

  /** @internal Records that somebody has asked for the outcome. */
  _observe(): void {
    this._flags |= OBSERVED
  }

  /** @internal Whether somebody has asked for the outcome. */
  get _observed(): boolean {
    return (this._flags & OBSERVED) !== 0
  }

  protected _later(): void {
    if ((this._flags & QUEUED) !== 0) return
    this._flags |= QUEUED
    loop.ready(this)
  }

  protected _notify(): void {
    for (let { _links: links } = this; links !== null; links = this._links) {
      if (!(links instanceof Set)) {
        this._tell(links)
        continue
      }
      // Walks a set once: restarting the iteration for each link would step over all the removed entries again.
      for (const link of links) {
        if (this._links !== links) break
        this._tell(link)
      }
    }
    this._flags &= ~QUEUED
  }

  private _tell(link: LinkTarget): void {
    this._links = withoutLink(this._links, link)
    try {
      link.notify(this)
    } catch (error) {
      runtime.reportError(link, error)
    }
  }

  /** @internal Links a target. One linked after the end is still notified, later. */
  addLink(target: LinkTarget): void {
    this._links = withLink(this._links, target)
    if (this._state === DEAD) this._later()
  }

  /** @internal */
  removeLink(target: LinkTarget): void {
    this._links = withoutLink(this._links, target)
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
    this._linkAs(callback, 'any')
  }

  /** Like `link`, but only if the greenlet finishes with a value; being killed counts as one. */
  linkValue(callback: Link<this>): void {
    this._linkAs(callback, 'value')
  }

  /** Like `link`, but only if the greenlet fails. */
  linkException(callback: Link<this>): void {
    this._linkAs(callback, 'exception')
  }

  private _linkAs(callback: Link<this>, kind: LinkKind): void {
    this._observe()
    this.addLink(new CallbackLink(checkLink(callback), kind, true))
  }

  /** Removes one link of the function. Does nothing if there is none. */
  unlink(callback: Link<this>): void {
    const target = listLinks(this._links).find(linksTo(callback))
    if (target) this.removeLink(target)
  }

  /** Removes all links. */
  unlinkAll(): void {
    this._links = null
  }

  /** Whether there are any links or joiners (gevent: has_links). */
  hasLinks(): boolean {
    return this._links !== null
  }

  /** The number of links and joiners. */
  linkCount(): number {
    return listLinks(this._links).length
  }
}
