import { pushInto, shiftFrom } from '../engine/heap.ts'

interface Entry<T> {
  readonly item: T
  readonly key: unknown
  readonly order: number
}

/** A stable min-heap: the smallest item comes first, equal items in insertion order. */
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

  /** Returns the smallest item without removing it. The heap must not be empty. */
  peek(): T {
    return this.entries[0]!.item
  }

  /** Inserts an item. The heap is unchanged if comparing it throws. */
  push(item: T): void {
    pushInto(this.entries, { item, key: this.key(item), order: this.pushed }, this.isBefore)
    this.pushed += 1
  }

  /** Removes and returns the smallest item. The heap must not be empty, and is unchanged if a comparison throws. */
  shift(): T {
    return shiftFrom(this.entries, this.isBefore).item
  }
}
