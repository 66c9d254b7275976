/** What can stand in a line. */
export interface LineNode {
  /** @internal */
  lineNext: LineNode | null
  /** @internal */
  linePrevious: LineNode | null
  /** @internal The line it stands in. */
  line: Line | null
  /** Is called, in the hub, when its turn has come; it has left the line by then. */
  notify(source: unknown): void
  /** Ends the wait with an error. */
  fail(error: unknown): unknown
}

/**
 * Waiters in order, linked through themselves: whoever is killed or timed out leaves from the middle at once, and waiting
 * allocates nothing.
 *
 *     first <-> node <-> node <-> last
 */
export class Line {
  first: LineNode | null = null
  private last: LineNode | null = null
  length = 0

  push(node: LineNode): void {
    node.line = this
    node.linePrevious = this.last
    if (this.last === null) this.first = node
    else this.last.lineNext = node
    this.last = node
    this.length += 1
  }

  /** Takes a node out; nothing happens if it stands elsewhere. */
  remove(node: LineNode): void {
    if (node.line !== this) return
    if (node.linePrevious === null) this.first = node.lineNext
    else node.linePrevious.lineNext = node.lineNext
    if (node.lineNext === null) this.last = node.linePrevious
    else node.lineNext.linePrevious = node.linePrevious
    node.lineNext = null
    node.linePrevious = null
    node.line = null
    this.length -= 1
  }

  shift(): LineNode | null {
    const { first } = this
    if (first !== null) this.remove(first)
    return first
  }

  /** The first node for which `match` holds, or `null`. */
  find(match: (node: LineNode) => boolean): LineNode | null {
    for (let node = this.first; node !== null; node = node.lineNext) if (match(node)) return node
    return null
  }
}
