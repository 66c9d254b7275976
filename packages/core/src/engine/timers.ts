import { isLess, pushInto, shiftFrom } from './heap.ts'

/** Something that is due at a certain time: a sleep, the limit of a blocking call, a `Timeout`. */
export abstract class TimerNode {
  /** @internal */
  bucket: Bucket | null = null
  /** @internal Its index in the bucket. */
  bucketIndex = 0
  /** @internal Whether it keeps the program alive. */
  ref = true

  /** @internal Called in the hub once the time has come; the node has already left the queue. */
  abstract fire(): void
}

/** How many ticks without timers, and slots of cancelled timers, are kept however few timers there are. */
const MAX_EMPTY = 64
/** How many timers may fire before the greenlets they wake run, while those are still in the processor's cache. */
const MAX_FIRED_AT_ONCE = 256

/**
 * All timers of one whole millisecond, first in, first out. An array, because a linked list would have links from old timers to
 * young ones, for each of which the garbage collector keeps a record.
 */
class Bucket {
  tick: number
  /** In order; `null` where a timer was cancelled. */
  nodes: (TimerNode | null)[] = []
  /** How many of its timers are not cancelled. */
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

  /** Drops the slots of cancelled timers once they are the majority: by then the cancellations have paid for it. */
  shrink(): void {
    const { nodes } = this
    if (nodes.length <= 2 * this.size + MAX_EMPTY) return
    this.nodes = []
    this.size = 0
    for (const node of nodes) if (node !== null) this.add(node)
  }
}

/**
 * Timers by the millisecond in which they are due. Native timers are no finer, so a heap of distinct milliseconds with a list for
 * each is exact enough, keeps equal deadlines in order, and costs the same with a million sleepers as with ten.
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
  /** A heap of all ticks that have a bucket, and of some whose timers were all cancelled. */
  private ticks: number[] = []

  /** Queues a timer for the first whole millisecond at or after `deadline`. */
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

  /** Removes a timer. Does nothing if it is not queued. */
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
    return ticks[0] ?? Infinity
  }

  /** @internal Rebuilds the heap from the ticks that have timers. */
  sortTicks(): void {
    this.ticks = [...this.buckets.keys()].sort((a, b) => a - b)
  }

  /**
   * Fires the timers that are due, or the first part of them; returns whether more are due. Timers added meanwhile wait for the
   * next turn, however short they are.
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
        // Skips a timer that was cancelled meanwhile, or even queued anew.
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
