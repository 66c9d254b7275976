/** A process to which an item was given, and which answer that was there. */
interface Origin {
  readonly node: string
  readonly order: number
}

const NOWHERE: Origin = { node: '', order: 0 }

/** Items in line, the first of which may have been given out and come back. */
export class Backlog<T> {
  private items: T[] = []
  /** Where the first item is: those before it are gone. */
  private head = 0
  /** Where the first of them have come back from. */
  private readonly returned: Origin[] = []
  /** Where what was taken out last had come back from. */
  private last = NOWHERE

  get size(): number {
    return this.items.length - this.head
  }

  push(item: T): void {
    this.items.push(item)
  }

  /** Takes the first out. */
  shift(): T {
    const item = this.items[this.head]!
    this.items[this.head] = undefined as T
    this.head += 1
    this.last = this.returned.shift() ?? NOWHERE
    if (this.head > 64 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head)
      this.head = 0
    }
    return item
  }

  /** Puts the one back that was just taken out. */
  unshift(item: T): void {
    this.insert(item, 0, this.last)
  }

  /**
   * Puts one back that somebody got and has not taken: in front of all, but behind what the same process got before it.
   *
   * @param order which of that process's answers it was
   */
  giveBack(item: T, node: string, order: number): void {
    const index = this.returned.findLastIndex((origin) => origin.node === node && origin.order < order) + 1
    this.insert(item, index, { node, order })
  }

  private insert(item: T, index: number, origin: Origin): void {
    this.returned.splice(index, 0, origin)
    if (this.head === 0) {
      this.items.splice(index, 0, item)
      return
    }
    this.head -= 1
    this.items.copyWithin(this.head, this.head + 1, this.head + 1 + index)
    this.items[this.head + index] = item
  }

  clear(): void {
    this.items = []
    this.head = 0
    this.returned.length = 0
  }
}
