import type { TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import { Event } from '../sync/event.ts'
import { listItems } from './queue-options.ts'
import { SimpleQueue } from './simple-queue.ts'

/** What a queue begins with. */
export interface QueueInit<T> {
  /** What is in it at first; these count as unfinished. */
  items?: Iterable<T> | undefined
  /** How many items count as unfinished. Default: those that are in it. */
  unfinishedTasks?: number | undefined
}

class AllDone extends Event {
  override get waitName(): string {
    return 'Queue.join'
  }
}

/**
 * A queue that can be waited for until all of its items are worked off (gevent: Queue, JoinableQueue).
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
  /** How many items were put in for which `taskDone` has not been called. */
  unfinishedTasks = 0
  private readonly allDone: Event = new AllDone()

  /**
   * @param maxsize how many items there is room for; `undefined`, 0 and less are without bound
   * @param options see `QueueInit`
   * @throws {TypeError} or {RangeError} if `maxsize` is no whole number or `items` cannot be iterated
   */
  constructor(maxsize?: number, options?: QueueInit<T>) {
    const items = listItems(options)
    super(maxsize, { items })
    this.unfinishedTasks = options?.unfinishedTasks ?? items.length
    if (this.unfinishedTasks === 0) this.allDone.set()
  }

  /**
   * Says that an item that was taken out is worked off.
   *
   * @throws {RangeError} if that has been said of all of them
   */
  taskDone(): void {
    if (this.unfinishedTasks <= 0) throw new RangeError('Expected `taskDone` once for each item: called too many times')
    this.unfinishedTasks -= 1
    if (this.unfinishedTasks === 0) this.allDone.set()
  }

  /**
   * Waits until every item that was put in is worked off.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns whether all are
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
