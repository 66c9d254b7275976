/**
 * A FIFO ring buffer. Its size is a power of two and doubles when it is full.
 *
 *     [ c d . . . a b ]     head at a, 4 items
 */
export class Ring<T> {
  private slots: (T | undefined)[] = new Array(8)
  private head = 0
  /** The number of items. */
  length = 0

  push(item: T): void {
    if (this.length === this.slots.length) this.grow()
    this.slots[(this.head + this.length) & (this.slots.length - 1)] = item
    this.length += 1
  }

  /** Removes and returns the oldest item. The ring must not be empty. */
  shift(): T {
    const item = this.slots[this.head] as T
    this.slots[this.head] = undefined
    this.head = (this.head + 1) & (this.slots.length - 1)
    this.length -= 1
    return item
  }

  /** Returns the oldest item without removing it. */
  peek(): T {
    return this.slots[this.head] as T
  }

  private grow(): void {
    const { slots, head, length } = this
    this.slots = slots.slice(head).concat(slots.slice(0, head), new Array(length))
    this.head = 0
  }
}
