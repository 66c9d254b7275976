import { isLess, pushInto, shiftFrom } from './heap.ts'

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

  constructor(tick: number) {
    this.tick = tick
  }
}

/** How many milliseconds without timers may stay in the heap, however few have some. */
const MOST_EMPTY = 64

/**
 * Timers by the millisecond in which they are due. Native timers are no finer, so a heap of distinct milliseconds with a
 * list for each is exact enough, keeps equal deadlines in order, and costs the same with a million sleepers as with ten.
 *
 *     heap of ticks   1007     1012     1020 ...
 *                       |        |
 *     FIFO of timers    a-b      c
 */
export class TimerQueue {
  /** How many of the queued timers keep the program alive. */
  refCount = 0
  /** @internal */
  readonly buckets: Map<number, Bucket> = new Map()
  /** A heap of all that have a bucket, and of some whose timers were all cancelled. */
  private ticks: number[] = []

  /** Queues a timer for the first whole millisecond that is not before `deadline`. */
  add(node: TimerNode, deadline: number): void {
    const tick = Math.ceil(deadline)
    let bucket = this.buckets.get(tick)
    if (bucket === undefined) {
      bucket = new Bucket(tick)
      this.buckets.set(tick, bucket)
      pushInto(this.ticks, tick, isLess)
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
    const { bucket } = node
    if (bucket === null) return
    this.unlink(node, bucket)
    if (bucket.head !== null || this.buckets.get(bucket.tick) !== bucket) return
    this.buckets.delete(bucket.tick)
    if (this.ticks.length > 2 * this.buckets.size + MOST_EMPTY) this.sortTicks()
  }

  /** When the next timer is due, or `Infinity`. */
  get nextTick(): number {
    const { ticks } = this
    while (ticks.length > 0 && !this.buckets.has(ticks[0]!)) shiftFrom(ticks, isLess)
    return ticks.length > 0 ? ticks[0]! : Infinity
  }

  /** @internal Makes the heap anew from what has timers. */
  sortTicks(): void {
    this.ticks = [...this.buckets.keys()].sort((a, b) => a - b)
  }

  /** Fires what is due. Timers that are added meanwhile wait for the next turn, however short they are. */
  expire(now: number): void {
    const due: Bucket[] = []
    for (let tick = this.nextTick; tick <= now; tick = this.nextTick) {
      due.push(this.buckets.get(tick)!)
      this.buckets.delete(tick)
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
}
