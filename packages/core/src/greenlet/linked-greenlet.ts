import { loop } from '../engine/loop.ts'
import { runtime } from '../engine/runtime.ts'
import { DEAD } from '../engine/states.ts'
import { CallbackLink, checkLink, type Link, type LinkKind, linksTo } from './callback-link.ts'
import { countLinks, findLink, type Links, type LinkTarget, withLink, withoutLink } from './links.ts'
import type { GreenletFunction, RawGreenlet } from './raw-greenlet.ts'
import { SpawnedGreenlet } from './spawned-greenlet.ts'

/** What happened to a greenlet, as further bits of its `flags`. */
export const REGISTERED = 16
export const QUEUED = 32
export const HAS_VALUE = 64
export const HAS_EXCEPTION = 128
const OBSERVED = 256

/** A greenlet whose end others are told of: joiners and linked functions, in one order. */
export abstract class LinkedGreenlet extends SpawnedGreenlet {
  /** @internal */
  links: Links

  // A constructor of its own: the one that is made for fields with values hands on its arguments as an array.
  constructor(run: GreenletFunction | undefined, parent: RawGreenlet) {
    super(run, parent)
    this.links = null
  }

  /** Whether it has finished, however that was. */
  ready(): boolean {
    return this.state === DEAD
  }

  /** Whether it has finished with a value; a killed one has, with its `GreenletExit`. */
  successful(): boolean {
    return (this.flags & HAS_VALUE) !== 0
  }

  /** @internal Remembers that somebody has asked for its outcome. */
  observe(): void {
    this.flags |= OBSERVED
  }

  /** @internal Whether somebody has asked for its outcome. */
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
      // One walk through a set: to begin anew for each would be to pass all that have left it.
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

  /** @internal Links a target; one that is linked after the end is told all the same, later. */
  addLink(target: LinkTarget): void {
    this.links = withLink(this.links, target)
    if (this.state === DEAD) this.notifyLater()
  }

  /** @internal */
  removeLink(target: LinkTarget): void {
    this.links = withoutLink(this.links, target)
  }

  /**
   * Calls a function in the hub when this has finished, in order with the other links and the joiners. It must not block.
   *
   * @param callback takes this greenlet; linked after the end, it is still called, later
   */
  rawlink(callback: Link<this>): void {
    this.addLink(new CallbackLink(checkLink(callback), 'any', false))
  }

  /** Calls a function when this has finished, in a greenlet of its own, where it may block. Also takes an `AsyncResult`. */
  link(callback: Link<this>): void {
    this.linkAs(callback, 'any')
  }

  /** As `link`, only if this has finished with a value; being killed counts as one. */
  linkValue(callback: Link<this>): void {
    this.linkAs(callback, 'value')
  }

  /** As `link`, only if this has failed. */
  linkException(callback: Link<this>): void {
    this.linkAs(callback, 'exception')
  }

  private linkAs(callback: Link<this>, kind: LinkKind): void {
    this.observe()
    this.addLink(new CallbackLink(checkLink(callback), kind, true))
  }

  /** Takes back one link of the function; nothing happens if there is none. */
  unlink(callback: Link<this>): void {
    const target = findLink(this.links, linksTo(callback))
    if (target !== null) this.removeLink(target)
  }

  /** Takes back all links. */
  unlinkAll(): void {
    this.links = null
  }

  /** Whether anybody is to be told of its end (gevent: has_links). */
  hasLinks(): boolean {
    return this.links !== null
  }

  /** How many links and joiners there are. */
  linkCount(): number {
    return countLinks(this.links)
  }
}
