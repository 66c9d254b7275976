import { isLess, pushInto, shiftFrom } from './heap.ts'

/** Something that is due at a time: a sleep, the limit of a blocking call, a `Timeout`. */
export abstract class TimerNode {
  /** @internal */
  bucket: Bucket | null = null
  /** @internal Its place in the bucket. */
  bucketIndex = 0
  /** @internal Whether it keeps the program alive. */
  ref = true

  /** @internal Called in the hub once the time has come; the node is already out of the queue. */
  abstract fire(): void
}

/** How many milliseconds without timers, and places of cancelled timers, may stay, however few others there are. */
const MAX_EMPTY = 64
/** How many timers may fire before those whom they wake run, while they are still in the processor's cache. */
const MAX_FIRED_AT_ONCE = 256

/**
 * All timers of one whole millisecond, first in, first out. An array, because a link from each timer to the next would be one from an
 * old object to a young one, for which the collector keeps a record.
 */
class Bucket {
  tick: number
  /** In order; `null` where one was cancelled. */
  nodes: (TimerNode | null)[] = []
  /** How many are not cancelled. */
  size = 0

  constructor(tick: number) {
    this.tick = tick
  }

  add(node: TimerNode): void {
    node.bucket = this
    node.bucketIndex = this.nodes.push(node) - 1
    this.size += 1
  }

  remove(node: TimerNode): void {
    this.nodes[node.bucketIndex] = null
    node.bucket = null
    this.size -= 1
  }

  /** Drops the places of cancelled timers once they are the most: then each cancelling has paid for its part. */
  shrink(): void {
    const { nodes } = this
    if (nodes.length <= 2 * this.size + MAX_EMPTY) return
    this.nodes = []
    this.size = 0
    for (const node of nodes) if (node !== null) this.add(node)
  }
}

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
    bucket.add(node)
    if (node.ref) this.refCount += 1
  }

  /** Takes a timer out; nothing happens if it is not queued. */
  cancel(node: TimerNode): void {
    const { bucket } = node
    if (bucket === null) return
    this.remove(node, bucket)
    if (bucket.size > 0) {
      bucket.shrink()
    } else if (this.buckets.get(bucket.tick) === bucket) {
      this.buckets.delete(bucket.tick)
      if (this.ticks.length > 2 * this.buckets.size + MAX_EMPTY) this.sortTicks()
    }
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

  /**
   * Fires what is due, or the first part of it; answers whether more is due. Timers that are added meanwhile wait for the next turn,
   * however short they are.
   */
  expire(now: number): boolean {
    const due: Bucket[] = []
    let count = 0
    for (let tick = this.nextTick; tick <= now && count < MAX_FIRED_AT_ONCE; tick = this.nextTick) {
      const bucket = this.buckets.get(tick)!
      due.push(bucket)
      count += bucket.size
      this.buckets.delete(tick)
    }
    for (const bucket of due) {
      for (const node of bucket.nodes) {
        // One that was cancelled meanwhile, or even queued anew.
        if (node?.bucket !== bucket) continue
        this.remove(node, bucket)
        node.fire()
      }
    }
    return count >= MAX_FIRED_AT_ONCE
  }

  private remove(node: TimerNode, bucket: Bucket): void {
    bucket.remove(node)
    if (node.ref) this.refCount -= 1
  }
}
