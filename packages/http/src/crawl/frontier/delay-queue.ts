/** A priority queue of items that become due at a certain time, the earliest first. Implemented as a binary heap. */
export class DelayQueue<T> {
  private readonly heap: { readonly at: number; readonly item: T }[] = []

  get size(): number {
    return this.heap.length
  }

  /** When the earliest item is due. */
  get next(): number | undefined {
    return this.heap[0]?.at
  }

  push(at: number, item: T): void {
    const { heap } = this
    const entry = { at, item }
    let place = heap.length
    heap.push(entry)
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (heap[parent]!.at <= at) break
      heap[place] = heap[parent]!
      place = parent
    }
    heap[place] = entry
  }

  /** Removes and returns the earliest item if it is due by `now`. */
  shift(now: number): T | undefined {
    const { heap } = this
    const first = heap[0]
    if (first === undefined || first.at > now) return undefined
    const last = heap.pop()!
    if (heap.length > 0) this.sink(last)
    return first.item
  }

  private sink(entry: { readonly at: number; readonly item: T }): void {
    const { heap } = this
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1
      if (heap[child]!.at >= entry.at) break
      heap[place] = heap[child]!
      place = child
    }
    heap[place] = entry
  }
}
