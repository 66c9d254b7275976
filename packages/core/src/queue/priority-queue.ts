import { checkCallableIfGiven } from '../engine/check.ts'
import { Heap } from './heap.ts'
import { checkOrder, pythonOrder } from './python-order.ts'
import { Queue, type QueueInit } from './queue.ts'
import { listItems } from './queue-options.ts'

/** What a `PriorityQueue` begins with, and how it orders its items themselves. */
export interface PriorityQueueOptions<T> extends QueueInit<T> {
  key?: undefined
  /** Compares two items as for `Array.sort`: less than 0 if the first is to come first. Default: as Python does. */
  compare?: ((a: T, b: T) => number) | undefined
}

/** What a `PriorityQueue` begins with, and how it orders its items by a key. */
export interface KeyedPriorityQueueOptions<T> extends QueueInit<T> {
  /** What to order an item by, asked once when it is put in. */
  key: (item: T) => unknown
  /** Compares two keys as for `Array.sort`. Default: as Python does. */
  compare?: ((a: never, b: never) => number) | undefined
}

/**
 * A queue that gives the least item first, and equal ones in the order in which they came (queue: PriorityQueue). Numbers,
 * strings, dates and arrays of these are ordered as in Python, arrays as tuples: put in `[priority, item]`, or objects with a
 * `key` function. What follows in an array and has no order counts as equal.
 *
 * `put` throws `TypeError` for an item that has no order.
 *
 * @example
 * const jobs = new PriorityQueue<Job>(undefined, { key: (job) => job.priority })
 * yield* jobs.put({ priority: 2, name: 'later' })
 * yield* jobs.put({ priority: 1, name: 'sooner' })
 * const job = yield* jobs.get() // { priority: 1, name: 'sooner' }
 */
export class PriorityQueue<T = unknown> extends Queue<T> {
  private readonly heap: Heap<T>
  private readonly ordering: PriorityQueueOptions<T>

  /**
   * @param maxsize how many items there is room for; `undefined`, 0 and less are without bound
   * @param options see `PriorityQueueOptions` and `KeyedPriorityQueueOptions`
   * @throws {TypeError} if `key` or `compare` is no function, or an item has no order
   */
  constructor(maxsize: number | undefined, options: KeyedPriorityQueueOptions<T>)
  constructor(maxsize?: number, options?: PriorityQueueOptions<T>)
  constructor(maxsize?: number, options?: KeyedPriorityQueueOptions<T> | PriorityQueueOptions<T>) {
    const items = listItems(options)
    super(maxsize, { unfinishedTasks: options?.unfinishedTasks ?? items.length })
    const { key, compare } = options ?? {}
    this.ordering = { key, compare } as PriorityQueueOptions<T>
    checkCallableIfGiven(key, 'key')
    checkCallableIfGiven(compare, 'compare')
    const orderBy = key ?? ((item: T): unknown => item)
    this.heap = compare ? new Heap(orderBy, compare) : new Heap((item) => checkOrder(orderBy(item)), pythonOrder)
    for (const item of items) this._put(item)
  }

  protected override _put(item: T): void {
    this.heap.push(item)
  }

  protected override _get(): T {
    return this.heap.shift()
  }

  protected override _peek(): T {
    return this.heap.peek()
  }

  protected override alike(items: Iterable<T>): this {
    const Alike = this.constructor as new (maxsize: number | undefined, options: PriorityQueueOptions<T>) => this
    return new Alike(this.maxsize, { ...this.ordering, items })
  }

  protected override _qsize(): number {
    return this.heap.length
  }
}
