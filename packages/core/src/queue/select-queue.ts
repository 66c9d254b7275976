import { Blocking } from '../engine/blocking.ts'
import { checkItems, checkIterable, checkOptions, checkTimeoutFromZero, type TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import type { WaitQueue, WaitQueueNode } from '../engine/wait-queue.ts'
import { timeoutError } from '../greenlet/timeout.ts'
import { Empty, ShutDown } from './errors.ts'
import { SimpleQueue } from './simple-queue.ts'

/** One of several queues, with an item taken from it. */
export type Selected<Q extends readonly SimpleQueue<unknown>[]> = {
  [K in keyof Q]: [queue: Q[K], item: Q[K] extends SimpleQueue<infer T> ? T : never]
}[number]

/** The entry of a `selectQueue` call among the getters of one queue. */
class SelectEntry implements WaitQueueNode {
  waitNext: WaitQueueNode | null = null
  waitPrevious: WaitQueueNode | null = null
  waitQueue: WaitQueue | null = null
  readonly queue: SimpleQueue<unknown>
  private readonly selection: Select

  constructor(selection: Select, queue: SimpleQueue<unknown>) {
    this.selection = selection
    this.queue = queue
  }

  notify(): void {
    this.selection.finish(this.queue)
  }

  /** Called when the queue was shut down, or an item could not be taken from it. */
  fail(error: unknown): void {
    this.selection.drop(this, error)
  }
}

/** The operation that `selectQueue` returns: it waits at all queues, and leaves them all when one has an item. */
class Select extends Blocking<[SimpleQueue<unknown>, unknown]> {
  private readonly entries: Set<SelectEntry>
  private readonly timeout: TimeLimit

  constructor(queues: readonly SimpleQueue<unknown>[], timeout: TimeLimit) {
    super()
    this.timeout = timeout
    this.entries = new Set(queues.map((queue) => new SelectEntry(this, queue)))
  }

  start(): boolean {
    for (const entry of this.entries) {
      const { queue } = entry
      if (queue.canTake) {
        this.outcome = [queue, queue.getNowait()]
        return true
      }
      if (queue.isShutdown) this.entries.delete(entry)
    }
    if (this.entries.size === 0) throw new ShutDown()
    if (this.timeout === 0) this.expire()
    for (const entry of this.entries) entry.queue.getters.push(entry)
    this.limit(this.timeout)
    return false
  }

  /** Takes the item of the first queue that has one. */
  finish(queue: SimpleQueue<unknown>): void {
    const item = queue.take()
    this.cancel()
    this.switchTo([queue, item])
  }

  /** Stops waiting at a queue that failed. Fails the whole call unless that was a shutdown and other queues are left. */
  drop(entry: SelectEntry, error: unknown): void {
    this.entries.delete(entry)
    if (this.entries.size > 0 && error instanceof ShutDown) return
    this.cancel()
    this.fail(error)
  }

  cancel(): void {
    for (const entry of this.entries) entry.waitQueue?.remove(entry)
  }

  override expire(): never {
    throw timeoutError(this.timeout, new Empty())
  }

  describe(): string {
    return `selectQueue of ${this.entries.size} queues`
  }
}

/**
 * Takes an item from whichever of several queues and channels has one first; the others keep theirs. If several have one, the
 * first in the list wins. Queues that are shut down and empty are ignored. A kill or timeout takes no item.
 *
 * @param queues at least one queue of any kind
 * @param options `timeout`: milliseconds, not negative, or a `Timeout`, which raises itself; default no limit; 0 does not wait
 * @returns the queue and its item
 * @throws {Empty} on timeout; {ShutDown} if all are shut down and empty; {TypeError} or {RangeError} immediately if `queues` holds
 *   anything but queues or is empty, or `timeout` is negative
 * @example
 * const [queue, item] = yield* selectQueue([urgent, ordinary])
 */
export function selectQueue<const Q extends readonly SimpleQueue<unknown>[]>(
  queues: Q,
  options?: { timeout?: TimeLimit },
): Operation<Selected<Q>>
export function selectQueue<Q extends SimpleQueue<unknown>>(
  queues: Iterable<Q>,
  options?: { timeout?: TimeLimit },
): Operation<Q extends SimpleQueue<infer T> ? [queue: Q, item: T] : never>
export function selectQueue(
  queues: Iterable<SimpleQueue<unknown>>,
  options: { timeout?: TimeLimit } = {},
): Operation<unknown> {
  const timeout = checkTimeoutFromZero(checkOptions(options).timeout)
  const list = checkIterable(queues, 'queues')
  checkItems(list, 'queues', 'queues', (queue) => queue instanceof SimpleQueue)
  if (list.length === 0) throw new RangeError('Expected `queues` to hold a queue, got none')
  return new Select(list, timeout)
}
