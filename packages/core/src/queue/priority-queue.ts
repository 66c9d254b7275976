import { checkCallableIfGiven } from '../engine/check.ts'
import { Heap } from './heap.ts'
import { pythonOrder } from './python-order.ts'
import { Queue, type QueueInit } from './queue.ts'
import { listItems } from './queue-options.ts'

/** The initial state of a `PriorityQueue` that orders its items themselves. */
export interface PriorityQueueOptions<T> extends QueueInit<T> {
  key?: undefined
  /** Compares two items, as for `Array.sort`: negative if the first comes first. Default: Python's order. */
  compare?: ((a: T, b: T) => number) | undefined
}

/** The initial state of a `PriorityQueue` that orders its items by a key. */
export interface KeyedPriorityQueueOptions<T> extends QueueInit<T> {
  /** Returns the key to order an item by. Called once per item, when it is put in. */
  key: (item: T) => unknown
  /** Compares two keys, as for `Array.sort`. Default: Python's order. */
  compare?: ((a: never, b: never) => number) | undefined
}

/**
 * A queue that returns the smallest item first, and equal items in insertion order (queue: PriorityQueue). Numbers, strings, dates
 * and arrays of these are ordered as in Python, arrays like tuples: put in `[priority, item]`, or objects with a `key` function.
 * Array elements that have no order, such as the payload after a priority, count as equal.
 *
 * `put` throws `TypeError` for an item that cannot be compared with those in the queue.
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
   * @param maxsize the maximum number of items; `undefined`, 0 or a negative number means unbounded
   * @param options see `PriorityQueueOptions` and `KeyedPriorityQueueOptions`
   * @throws {TypeError} if `key` or `compare` is not a function, or items cannot be compared
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
    this.heap = new Heap(key ?? ((item) => item), compare ?? pythonOrder)
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
