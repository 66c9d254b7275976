/** Something that the hub will run: a greenlet to resume or a callback. It is in the queue at most once. */
export abstract class RunQueueNode {
  /** @internal */
  _next: RunQueueNode | null = null

  /** @internal Runs this node's turn, in the hub. */
  abstract _runInHub(): void
}

/**
 * The FIFO queue of what is ready, linked through its nodes so that no turn allocates. The last node links back to the first:
 * removing a node then writes to a node, which is about as young as what is written, and not to the queue, for which the garbage
 * collector would have to keep a record.
 *
 *     tail -> first -> node -> node -> tail
 */
export class RunQueue {
  /** @internal */
  tail: RunQueueNode | null

  /** @param replaced the queue that this one continues and which must not be used any more */
  constructor(replaced?: RunQueue) {
    this.tail = replaced?.tail ?? null
  }

  get isEmpty(): boolean {
    return this.tail === null
  }

  push(node: RunQueueNode): void {
    const { tail } = this
    if (tail === null) {
      node._next = node
    } else {
      node._next = tail._next
      tail._next = node
    }
    this.tail = node
  }

  shift(): RunQueueNode | null {
    const { tail } = this
    if (tail === null) return null
    const node = tail._next!
    const next = node._next
    if (next === node) this.tail = null
    else tail._next = next
    node._next = null
    return node
  }

  /** Removes a node, if it is queued: linear, for the rare switch to a greenlet that was about to run anyway. */
  remove(node: RunQueueNode): void {
    if (node._next === null) return
    let previous = node
    while (previous._next !== node) previous = previous._next!
    previous._next = node._next
    if (this.tail === node) this.tail = previous === node ? null : previous
    node._next = null
  }
}
