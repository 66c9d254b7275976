/**
 * A first-in, first-out store that never moves its items: a power-of-two ring that doubles when it is full.
 *
 *     [ c d . . . a b ]     head at a, 4 items
 */
export class Ring<T> {
  private slots: (T | undefined)[] = new Array(8)
  private head = 0
  /** How many items there are. */
  length = 0

  push(item: T): void {
    if (this.length === this.slots.length) this.grow()
    this.slots[(this.head + this.length) & (this.slots.length - 1)] = item
    this.length += 1
  }

  /** Takes the oldest item; there must be one. */
  shift(): T {
    const item = this.slots[this.head] as T
    this.slots[this.head] = undefined
    this.head = (this.head + 1) & (this.slots.length - 1)
    this.length -= 1
    return item
  }

  /** The oldest item, left where it is. */
  peek(): T {
    return this.slots[this.head] as T
  }

  private grow(): void {
    const { slots, head, length } = this
    this.slots = slots.slice(head).concat(slots.slice(0, head), new Array(length))
    this.head = 0
  }
}
