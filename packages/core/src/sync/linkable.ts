import { loop } from '../engine/loop.ts'
import { RunQueueNode } from '../engine/run-queue.ts'
import { runtime } from '../engine/runtime.ts'
import { WaitQueue, type WaitQueueNode } from '../engine/wait-queue.ts'
import { CallbackLink, checkLink, type Link, linksTo } from '../greenlet/callback-link.ts'

/**
 * What can be waited for by others: it keeps its waiters and links in one order and tells them in the hub, where each is run
 * at once, so that nothing comes in between being told and running (gevent: AbstractLinkable).
 */
export abstract class Linkable extends RunQueueNode {
  /** @internal */
  readonly links: WaitQueue

  constructor() {
    super()
    this.links = new WaitQueue()
  }

  /** Whether a waiter would not have to wait. */
  abstract ready(): boolean

  /**
   * Calls a function in the hub, once, when this is ready. It must not block.
   *
   * @param callback takes this object, or an `AsyncResult` takes its outcome; if it is ready already, it is called in the hub's next turn
   */
  rawlink(callback: Link<this>): void {
    this.addLink(new CallbackLink(checkLink(callback), 'any', false))
    if (this.ready()) this.schedule()
  }

  /** Takes back one link of the function; nothing happens if there is none. */
  unlink(callback: Link<this>): void {
    const link = this.findLink(linksTo(callback))
    if (link !== null) this.removeLink(link)
  }

  /** How many links and waiters there are. */
  linkCount(): number {
    return this.links.length
  }

  /** @internal */
  addLink(node: WaitQueueNode): void {
    this.links.push(node)
  }

  /** @internal */
  removeLink(node: WaitQueueNode): void {
    node.waitQueue?.remove(node)
  }

  /** @internal */
  findLink(match: (node: WaitQueueNode) => boolean): WaitQueueNode | null {
    return this.links.find(match)
  }

  /** Has the links told in the hub's next turn; call it only when there are any. */
  protected schedule(): void {
    // What is in the queue has a successor there.
    if (this.queueNext === null) loop.ready(this)
  }

  /** @internal Tells the links in order, for as long as there is something to tell. What is linked meanwhile has a turn of its own. */
  override runInHub(): void {
    const { links } = this
    for (let left = links.length; left > 0 && links.first !== null && this.ready(); left -= 1) this.tell(links.first)
  }

  /** Takes a link out and tells it. */
  protected tell(node: WaitQueueNode): void {
    this.removeLink(node)
    try {
      node.notify(this)
    } catch (error) {
      runtime.reportError(node, error)
    }
  }
}
