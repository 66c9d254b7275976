/** An entry of a wait queue. */
export interface WaitQueueNode {
  /** @internal */
  waitNext: WaitQueueNode | null
  /** @internal */
  waitPrevious: WaitQueueNode | null
  /** @internal The queue it is in. */
  waitQueue: WaitQueue | null
  /** Called in the hub when its turn has come; it has left the queue by then. */
  notify(source: unknown): void
  /** Ends the wait with an error. */
  fail(error: unknown): unknown
}

/**
 * A FIFO queue of waiters, linked through the waiters themselves: one that is killed or timed out leaves from the middle at once,
 * and waiting allocates nothing.
 */
export class WaitQueue {
  first: WaitQueueNode | null = null
  private last: WaitQueueNode | null = null
  length = 0

  push(node: WaitQueueNode): void {
    node.waitQueue = this
    node.waitPrevious = this.last
    if (this.last === null) this.first = node
    else this.last.waitNext = node
    this.last = node
    this.length += 1
  }

  /** Removes a node. Does nothing if it is not in this queue. */
  remove(node: WaitQueueNode): void {
    if (node.waitQueue !== this) return
    if (node.waitPrevious === null) this.first = node.waitNext
    else node.waitPrevious.waitNext = node.waitNext
    if (node.waitNext === null) this.last = node.waitPrevious
    else node.waitNext.waitPrevious = node.waitPrevious
    node.waitNext = null
    node.waitPrevious = null
    node.waitQueue = null
    this.length -= 1
  }

  shift(): WaitQueueNode | null {
    const { first } = this
    if (first !== null) this.remove(first)
    return first
  }

  /** Returns the first node for which `match` holds, or `null`. */
  find(match: (node: WaitQueueNode) => boolean): WaitQueueNode | null {
    for (let node = this.first; node !== null; node = node.waitNext) if (match(node)) return node
    return null
  }
}
