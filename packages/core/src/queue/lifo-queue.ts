import { Queue, type QueueInit } from './queue.ts'
import { listItems } from './queue-options.ts'

/**
 * A queue that gives the newest item first (queue: LifoQueue). `peek` looks at the newest.
 *
 * @example
 * const stack = new LifoQueue<number>(undefined, { items: [1, 2, 3] })
 * stack.getNowait() // 3
 */
export class LifoQueue<T = unknown> extends Queue<T> {
  private readonly stack: T[] = []

  /**
   * @param maxsize how many items there is room for; `undefined`, 0 and less are without bound
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
