import { lastAnswerNumber } from '../wait/answer-number.ts'

/** The process that an item was delivered to before it came back, the number of that delivery, and of the last one by then. */
interface Origin {
  readonly node: string
  readonly order: number
  readonly latest: number
}

const NOWHERE: Origin = { node: '', order: 0, latest: 0 }

/** A FIFO queue whose items can be put back at the front, in the right order, after a delivery failed. */
export class Backlog<T> {
  private items: T[] = []
  /** The index of the first item; those before it have been removed. */
  private head = 0
  /** The origins of the items at the front that were put back. */
  private readonly returned: Origin[] = []
  /** The origin of the item last removed. */
  private last = NOWHERE

  get size(): number {
    return this.items.length - this.head
  }

  push(item: T): void {
    this.items.push(item)
  }

  /** Removes and returns the first item. */
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

  /** Puts the item that was just removed back at the front. */
  unshift(item: T): void {
    this.insert(item, 0, this.last)
  }

  /**
   * Puts back an item that was delivered but not consumed: in front of all others, but behind items that the same process received
   * before it. Those that came back before this item was delivered were behind it already.
   *
   * @param order the number of that delivery among those to the same process
   * @param latest the number of the last delivery to that process by now. Default: that to the current process
   */
  giveBack(item: T, node: string, order: number, latest: number = lastAnswerNumber()): void {
    const isBefore = (other: Origin) => other.node === node && other.order < order && order <= other.latest
    this.insert(item, this.returned.findLastIndex(isBefore) + 1, { node, order, latest })
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
