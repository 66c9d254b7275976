/** Something the hub will run: a greenlet to resume or a callback. It is in the queue at most once. */
export abstract class RunQueueNode {
  /** @internal */
  queueNext: RunQueueNode | null = null

  /** @internal Runs this node's turn, in the hub. */
  abstract runInHub(): void
}

/**
 * The FIFO of what is ready, linked through its nodes so that no turn allocates.
 *
 *     head -> node -> node -> tail
 */
export class RunQueue {
  head: RunQueueNode | null = null
  private tail: RunQueueNode | null = null

  push(node: RunQueueNode): void {
    if (this.tail === null) this.head = node
    else this.tail.queueNext = node
    this.tail = node
  }

  shift(): RunQueueNode | null {
    const node = this.head
    if (node !== null) {
      this.head = node.queueNext
      if (this.head === null) this.tail = null
      node.queueNext = null
    }
    return node
  }

  /** Takes a node out of the middle: linear, for the rare switch to a greenlet that was about to run anyway. */
  remove(node: RunQueueNode): boolean {
    let previous: RunQueueNode | null = null
    for (let at = this.head; at !== null; previous = at, at = at.queueNext) {
      if (at !== node) continue
      if (previous === null) this.head = node.queueNext
      else previous.queueNext = node.queueNext
      if (this.tail === node) this.tail = previous
      node.queueNext = null
      return true
    }
    return false
  }
}
