import { loop } from '../engine/loop.ts'
import { RunQueueNode } from '../engine/run-queue.ts'
import { runtime } from '../engine/runtime.ts'
import { WaitQueue, type WaitQueueNode } from '../engine/wait-queue.ts'
import { CallbackLink, checkLink, type Link, linksTo } from '../greenlet/callback-link.ts'

/**
 * The base of objects that greenlets can wait for (gevent: AbstractLinkable). Waiters and links share one wait queue and are notified
 * in the hub, where a notified waiter runs right away: nothing can happen between its notification and its run.
 */
export abstract class Linkable extends RunQueueNode {
  /** @internal */
  readonly links: WaitQueue

  constructor() {
    super()
    this.links = new WaitQueue()
  }

  /** Whether a waiter would be released without waiting. */
  abstract ready(): boolean

  /**
   * Calls a function once in the hub when this object is ready; in the hub's next turn if it is ready already.
   *
   * @param callback is passed this object, and must not block; or an `AsyncResult`, which takes over the outcome
   */
  rawlink(callback: Link<this>): void {
    this.addLink(new CallbackLink(checkLink(callback), 'any', false))
    if (this.ready()) this.schedule()
  }

  /** Removes one link to the function, if there is any. */
  unlink(callback: Link<this>): void {
    const link = this.findLink(linksTo(callback))
    if (link !== null) this.removeLink(link)
  }

  /** Returns the number of links and waiters. */
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

  /** Notifies the links in the hub's next turn. Call it only when there are any. */
  protected schedule(): void {
    // The run queue is circular: a node that is queued already has a successor.
    if (this._next === null) loop.ready(this)
  }

  /** @internal Notifies the links in order, for as long as this is ready. Links added meanwhile are left for another turn. */
  override _runInHub(): void {
    const { links } = this
    for (let left = links.length; left > 0 && links.first !== null && this.ready(); left -= 1)
      this.notifyLink(links.first)
  }

  /** Removes a link and notifies it. */
  protected notifyLink(node: WaitQueueNode): void {
    this.removeLink(node)
    try {
      node.notify(this)
    } catch (error) {
      runtime.reportError(node, error)
    }
  }
}
