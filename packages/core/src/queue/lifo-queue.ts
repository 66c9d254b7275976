import { Queue, type QueueInit } from './queue.ts'
import { listItems } from './queue-options.ts'

/**
 * A queue that returns the newest item first (queue: LifoQueue), as does `peek`.
 *
 * @example
 * const stack = new LifoQueue<number>(undefined, { items: [1, 2, 3] })
 * stack.getNowait() // 3
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  private readonly stack: T[] = []

  /**
   * @param maxsize the maximum number of items; `undefined`, 0 or a negative number means unbounded
   * @param options see `QueueInit`; the last of `items` comes out first
   */
  constructor(maxsize?: number, options?: QueueInit<T>) {
    const items = listItems(options)
    super(maxsize, { unfinishedTasks: options?.unfinishedTasks ?? items.length })
    for (const item of items) this._put(item)
  }

  protected override _put(item: T): void {
    this.stack.push(item)
  }

  protected override _get(): T {
    return this.stack.pop() as T
  }

  protected override _peek(): T {
    return this.stack[this.stack.length - 1] as T
  }

  protected override drained(): T[] {
    return super.drained().reverse()
  }

  protected override _qsize(): number {
    return this.stack.length
  }
}
