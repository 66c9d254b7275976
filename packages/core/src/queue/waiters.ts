/** What stands in a line of waiters. */
export interface LinkedWaiter<W> {
  /** @internal */
  lineNext: W | null
  /** @internal */
  linePrevious: W | null
  /** @internal */
  inLine: boolean
}

/** A line of waiters, linked through them: whoever is killed or timed out leaves from the middle at once. */
export class Waiters<W extends LinkedWaiter<W>> {
  /** The longest waiting. */
  first: W | null = null
  private last: W | null = null
  /** How many wait. */
  length = 0

  push(waiter: W): void {
    waiter.inLine = true
    waiter.linePrevious = this.last
    if (this.last === null) this.first = waiter
    else this.last.lineNext = waiter
    this.last = waiter
    this.length += 1
  }

  remove(waiter: W): void {
    if (!waiter.inLine) return
    if (waiter.linePrevious === null) this.first = waiter.lineNext
    else waiter.linePrevious.lineNext = waiter.lineNext
    if (waiter.lineNext === null) this.last = waiter.linePrevious
    else waiter.lineNext.linePrevious = waiter.linePrevious
    waiter.lineNext = null
    waiter.linePrevious = null
    waiter.inLine = false
    this.length -= 1
  }

  shift(): W | null {
    const { first } = this
    if (first !== null) this.remove(first)
    return first
  }
}
