/** Something that is due at a time: a sleep, the limit of a blocking call, a `Timeout`. */
export abstract class TimerNode {
  /** @internal */
  bucket: Bucket | null = null
  /** @internal */
  bucketPrevious: TimerNode | null = null
  /** @internal */
  bucketNext: TimerNode | null = null
  /** @internal Whether it keeps the program alive. */
  ref = true

  /** @internal Called in the hub once the time has come; the node is already out of the queue. */
  abstract fire(): void
}

/** All timers of one whole millisecond, first in, first out. */
class Bucket {
  tick: number
  head: TimerNode | null = null
  tail: TimerNode | null = null
  heapIndex = 0

  constructor(tick: number) {
    this.tick = tick
  }
}

/**
 * Timers by the millisecond in which they are due. Native timers are no finer, so a heap of distinct milliseconds with a
 * list in each is exact enough, keeps equal deadlines in order, and costs the same with a million sleepers as with ten.
 *
 *     heap of ticks   [1007]   [1012]   [1020] ...
 *                       |        |
 *     FIFO of timers    a-b      c
 */
export class TimerQueue {
  /** How many of the queued timers keep the program alive. */
  refCount = 0
  private readonly buckets = new Map<number, Bucket>()
  private readonly heap: Bucket[] = []

  /** Queues a timer for the first whole millisecond that is not before `deadline`. */
  add(node: TimerNode, deadline: number): void {
    const tick = Math.ceil(deadline)
    let bucket = this.buckets.get(tick)
    if (bucket === undefined) {
      bucket = new Bucket(tick)
      this.buckets.set(tick, bucket)
      this.siftUp(bucket, this.heap.length)
    }
    node.bucket = bucket
    node.bucketPrevious = bucket.tail
    if (bucket.tail === null) bucket.head = node
    else bucket.tail.bucketNext = node
    bucket.tail = node
    if (node.ref) this.refCount += 1
  }

  /** Takes a timer out; nothing happens if it is not queued. */
  cancel(node: TimerNode): void {
    const bucket = node.bucket
    if (bucket === null) return
    this.unlink(node, bucket)
    if (bucket.head === null && this.buckets.get(bucket.tick) === bucket) this.removeBucket(bucket)
  }

  /** When the next timer is due, or `Infinity`. */
  get nextTick(): number {
    const first = this.heap[0]
    return first === undefined ? Infinity : first.tick
  }

  /** Puts off all timers by `shift` milliseconds, which may be negative: their order stays. */
  postpone(shift: number): void {
    this.buckets.clear()
    for (const bucket of this.heap) {
      bucket.tick = Math.ceil(bucket.tick + shift)
      this.buckets.set(bucket.tick, bucket)
    }
  }

  /** Fires what is due. Timers that are added meanwhile wait for the next turn, however short they are. */
  expire(now: number): void {
    if (this.nextTick > now) return
    const due: Bucket[] = []
    for (let first = this.heap[0]; first !== undefined && first.tick <= now; first = this.heap[0]) {
      this.removeBucket(first)
      due.push(first)
    }
    for (const bucket of due) {
      for (let node = bucket.head; node !== null; node = bucket.head) {
        this.unlink(node, bucket)
        node.fire()
      }
    }
  }

  private unlink(node: TimerNode, bucket: Bucket): void {
    if (node.bucketPrevious === null) bucket.head = node.bucketNext
    else node.bucketPrevious.bucketNext = node.bucketNext
    if (node.bucketNext === null) bucket.tail = node.bucketPrevious
    else node.bucketNext.bucketPrevious = node.bucketPrevious
    node.bucket = null
    node.bucketPrevious = null
    node.bucketNext = null
    if (node.ref) this.refCount -= 1
  }

  private removeBucket(bucket: Bucket): void {
    this.buckets.delete(bucket.tick)
    const last = this.heap.pop()!
    if (last === bucket) return
    const index = bucket.heapIndex
    if (index > 0 && this.heap[(index - 1) >> 1]!.tick > last.tick) this.siftUp(last, index)
    else this.siftDown(last, index)
  }

  private siftUp(bucket: Bucket, from: number): void {
    const heap = this.heap
    let index = from
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]!
      if (parent.tick <= bucket.tick) break
      heap[index] = parent
      parent.heapIndex = index
      index = parentIndex
    }
    heap[index] = bucket
    bucket.heapIndex = index
  }

  private siftDown(bucket: Bucket, from: number): void {
    const heap = this.heap
    let index = from
    for (;;) {
      let childIndex = index * 2 + 1
      let child = heap[childIndex]
      if (child === undefined) break
      const right = heap[childIndex + 1]
      if (right !== undefined && right.tick < child.tick) {
        child = right
        childIndex += 1
      }
      if (child.tick >= bucket.tick) break
      heap[index] = child
      child.heapIndex = index
      index = childIndex
    }
    heap[index] = bucket
    bucket.heapIndex = index
  }
}
