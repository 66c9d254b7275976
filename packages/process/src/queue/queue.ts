import type { Operation } from '@greenlit/core'
import { Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { flag, NONE } from '../tree/arguments.ts'
import { ObjectRef } from '../tree/object-ref.ts'
import { BaseQueue, checkMaxsize, type SharedQueueOptions } from './base-queue.ts'

/**
 * A queue between processes (Python: multiprocessing.Queue). Items are copied when they are put. Items from one process arrive in
 * order, and none is lost if a greenlet is killed in `get`.
 *
 * @example
 * const queue = new Queue<string>()
 * new Process({ target, args: [queue] }).start() // there: yield* queue.put('hello')
 * yield* queue.get()
 */
export class Queue<T = unknown> extends BaseQueue<T> {
  private waitsToArrive = true

  /** @param maxsize the maximum number of items; unbounded if it is `undefined`, zero or negative */
  constructor(maxsize?: number)
  /** @internal */
  constructor(maxsize: number | undefined, ref: ObjectRef | undefined)
  constructor(maxsize?: number, ref?: ObjectRef) {
    super(checkMaxsize(maxsize), ref)
  }

  protected get kind(): string {
    return 'Queue'
  }

  /**
   * Puts an item into the queue, waiting while it is full.
   *
   * @param item any value that can be sent
   * @param options see `SharedQueueOptions`
   * @throws {Full} if the queue is full and `block` is false or the timeout expires; {SerializationError} for an item that cannot
   *   be sent, which then takes no place in the queue; {ProcessDiedError} if the process that created the queue is gone
   */
  put(item: T, options: SharedQueueOptions = {}): Operation<undefined> {
    return this.putItem(item, options)
  }

  /** Puts an item into the queue without blocking. Throws {Full} if it is full. */
  putNowait(item: T): Operation<undefined> {
    return this.putItem(item, { block: false })
  }

  /**
   * Takes an item from the queue, waiting while it is empty. No item is lost to a kill or timeout.
   *
   * @param options see `SharedQueueOptions`
   * @throws {Empty} if the queue is empty and `block` is false or the timeout expires; {ProcessDiedError} if the process that
   *   created the queue is gone
   */
  get(options: SharedQueueOptions = {}): Operation<T> {
    return this.getItem(options)
  }

  /** Takes an item from the queue without blocking. Throws {Empty} if there is none. */
  getNowait(): Operation<T> {
    return this.getItem({ block: false })
  }

  /** The current number of items in the queue. */
  qsize(): Operation<number> {
    return this.ask<number>('size', NONE)
  }

  /** Whether the queue is currently full. */
  full(): Operation<boolean> {
    return this.ask<boolean>('full', NONE)
  }

  /**
   * Waits until all items put by this process have arrived. A process that exits does that by itself.
   *
   * @throws {ProcessDiedError} if the process that created the queue goes away before that
   */
  joinThread(): Operation<undefined> {
    return this.waitsToArrive ? this.untilDelivered() : (new Done() as Operation<undefined>)
  }

  /** Makes later calls of `joinThread` return at once. */
  cancelJoinThread(): void {
    this.waitsToArrive = false
  }
}

/**
 * A queue between processes with `taskDone` and `join`, to wait until all items have been processed (Python:
 * multiprocessing.JoinableQueue).
 *
 * @example
 * const queue = new JoinableQueue<string>()
 * for (const url of urls) yield* queue.put(url)
 * yield* queue.join() // each worker calls queue.taskDone() for each item
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  protected override get kind(): string {
    return 'JoinableQueue'
  }

  /**
   * Marks an item that was taken from the queue as processed, immediately.
   *
   * @throws {RangeError} if called more often than items were put
   */
  taskDone(): Operation<unknown> {
    return this.callNow('taskDone', NONE)
  }

  /**
   * Waits until all items that were put have been processed.
   *
   * @param options `timeout`: milliseconds, unlimited by default
   * @returns `true`; `false` when the timeout expires
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    const timeout = timeoutOf(options)
    const block = !(typeof timeout === 'number' && timeout <= 0)
    return this.ask<boolean>('join', flag(block), block ? { timeout, onExpiry: () => false } : {})
  }
}

/**
 * A simplified queue between processes, with only `put`, `get`, `empty` and `close` (Python: multiprocessing.SimpleQueue).
 *
 * @example
 * const results = new SimpleQueue<number>()
 */
export class SimpleQueue<T = unknown> extends BaseQueue<T> {
  constructor()
  /** @internal */
  constructor(ref?: ObjectRef)
  constructor(ref?: ObjectRef) {
    super(undefined, ref)
  }

  protected get kind(): string {
    return 'SimpleQueue'
  }

  /** Puts an item into the queue. */
  put(item: T): Operation<undefined> {
    return this.putItem(item, {})
  }

  /**
   * Takes an item from the queue, waiting while it is empty.
   *
   * @param options `timeout`: milliseconds >= 0, unlimited by default
   * @throws {Empty} when the timeout expires
   */
  get(options: { timeout?: TimeLimit } = {}): Operation<T> {
    return this.getItem(options)
  }
}

const boundOf = (maxsize: unknown) => (maxsize as number | null) ?? undefined
shareClass('Queue', Queue, ([, node, key, maxsize]) => new Queue(boundOf(maxsize), ObjectRef.at(node, key)))
shareClass('JoinableQueue', JoinableQueue, ([, node, key, maxsize]) => {
  return new JoinableQueue(boundOf(maxsize), ObjectRef.at(node, key))
})
shareClass('SimpleQueue', SimpleQueue, ([, node, key]) => new SimpleQueue(ObjectRef.at(node, key)))
