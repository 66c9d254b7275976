import { checkWhole, type TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { Event } from '../sync/event.ts'
import { listItems } from './queue-options.ts'
import { SimpleQueue } from './simple-queue.ts'

/** The initial state of a queue. */
export interface QueueInit<T> {
  /** The initial items; they count as unfinished tasks. */
  items?: Iterable<T> | undefined
  /** The initial number of unfinished tasks. Default: the number of `items`. */
  unfinishedTasks?: number | undefined
}

class AllDone extends Event {
  override get waitName(): string {
    return 'Queue.join'
  }
}

/**
 * A queue that keeps track of unfinished tasks: `join` waits until all of its items are done (gevent: Queue, JoinableQueue).
 *
 * @example
 * const queue = new Queue<string>(10)
 * spawn(function* worker() {
 *   yield* each(queue, function* (url) {
 *     yield* handle(url)
 *     queue.taskDone()
 *   })
 * })
 * yield* queue.put(url)
 * yield* queue.join()
 */
export class Queue<T = unknown> extends SimpleQueue<T> {
  /** The number of items put in for which `taskDone` has not been called yet. */
  unfinishedTasks = 0
  private readonly allDone: Event = new AllDone()

  /**
   * @param maxsize the maximum number of items; `undefined`, 0 or a negative number means unbounded
   * @param options see `QueueInit`
   * @throws {TypeError} or {RangeError} if `maxsize` is not an integer, `items` is not iterable or `unfinishedTasks` is not an integer
   *   of at least 0
   */
  constructor(maxsize?: number, options?: QueueInit<T>) {
    const items = listItems(options)
    super(maxsize, { items })
    this.unfinishedTasks = checkWhole(options?.unfinishedTasks ?? items.length, 'unfinishedTasks', 0)
    if (this.unfinishedTasks === 0) this.allDone.set()
  }

  /**
   * Marks one item as done. Called by a consumer for each item that it took out and finished.
   *
   * @throws {RangeError} if it is called more often than items were put in
   */
  taskDone(): void {
    if (this.unfinishedTasks <= 0) throw new RangeError('Expected `taskDone` once for each item: called too many times')
    this.unfinishedTasks -= 1
    if (this.unfinishedTasks === 0) this.allDone.set()
  }

  /**
   * Waits until `taskDone` has been called for every item that was put in.
   *
   * @param options `timeout`: milliseconds, default no limit
   * @returns `true`; `false` on timeout
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    return this.allDone.wait(options)
  }

  /** @internal */
  override keep(item: T): void {
    super.keep(item)
    this.unfinishedTasks += 1
    if (this.unfinishedTasks === 1) this.allDone.clear()
  }

  protected override dropItems(): void {
    this.unfinishedTasks = Math.max(0, this.unfinishedTasks - this.qsize())
    super.dropItems()
    if (this.unfinishedTasks === 0) this.allDone.set()
  }
}
