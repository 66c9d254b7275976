import { pushInto, shiftFrom } from '../engine/heap.ts'

interface Entry<T> {
  readonly item: T
  readonly key: unknown
  readonly order: number
}

/** A heap: the least item comes first, and equal ones in the order in which they came. */
export class Heap<T> {
  private readonly entries: Entry<T>[] = []
  private readonly key: (item: T) => unknown
  private readonly isBefore: (a: Entry<T>, b: Entry<T>) => boolean
  private pushed = 0

  constructor(key: (item: T) => unknown, compare: (a: never, b: never) => number) {
    this.key = key
    this.isBefore = (a, b) => {
      const order = compare(a.key as never, b.key as never)
      return order < 0 || (order === 0 && a.order < b.order)
    }
  }

  get length(): number {
    return this.entries.length
  }

  /** Looks at the least item; there must be one. */
  peek(): T {
    return this.entries[0]!.item
  }

  /** Puts an item in; all stays as it was if it cannot be compared. */
  push(item: T): void {
    pushInto(this.entries, { item, key: this.key(item), order: this.pushed }, this.isBefore)
    this.pushed += 1
  }

  /** Takes the least item out; there must be one. It stays in if it cannot be told which is the next. */
  shift(): T {
    return shiftFrom(this.entries, this.isBefore).item
  }
}
