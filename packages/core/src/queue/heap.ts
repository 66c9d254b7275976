interface Entry<T> {
  readonly item: T
  readonly key: unknown
  readonly order: number
}

/**
 * A binary heap: the least item comes first, and equal ones in the order in which they came.
 *
 *     entries[n] <= entries[2n + 1], entries[2n + 2]
 */
export class Heap<T> {
  private readonly entries: Entry<T>[] = []
  private readonly key: (item: T) => unknown
  private readonly compare: (a: never, b: never) => number
  private pushed = 0

  constructor(key: (item: T) => unknown, compare: (a: never, b: never) => number) {
    this.key = key
    this.compare = compare
  }

  get length(): number {
    return this.entries.length
  }

  /** Looks at the least item; there must be one. */
  peek(): T {
    return this.entries[0]!.item
  }

  /** Puts an item in. Nothing moves until it has been compared, so that an error leaves all as it was. */
  push(item: T): void {
    const { entries } = this
    const entry: Entry<T> = { item, key: this.key(item), order: this.pushed }
    const parentOf = (at: number) => (at - 1) >> 1
    let place = entries.length
    while (place > 0 && this.isBefore(entry, entries[parentOf(place)]!)) place = parentOf(place)
    for (let at = entries.length; at > place; at = parentOf(at)) entries[at] = entries[parentOf(at)]!
    entries[place] = entry
    this.pushed += 1
  }

  /** Takes the least item out; there must be one. It stays in if it cannot be told which is the next. */
  shift(): T {
    const { entries } = this
    const first = entries[0]!
    const last = entries.pop()!
    if (entries.length === 0) return first.item
    let place = 0
    try {
      for (let child = 1; child < entries.length; child = 2 * place + 1) {
        if (child + 1 < entries.length && this.isBefore(entries[child + 1]!, entries[child]!)) child += 1
        if (!this.isBefore(entries[child]!, last)) break
        entries[place] = entries[child]!
        place = child
      }
      entries[place] = last
    } catch (error) {
      entries[place] = last
      entries.push(first)
      throw error
    }
    return first.item
  }

  private isBefore(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.compare(a.key as never, b.key as never)
    return order < 0 || (order === 0 && a.order < b.order)
  }
}
