import type { Operation } from '@greenlit/core'
import { Done, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { shareClass } from '../codec/shared.ts'
import { NONE } from '../tree/arguments.ts'
import { Place } from '../tree/place.ts'
import { BaseQueue, checkMaxsize, type SharedQueueOptions } from './base-queue.ts'

/**
 * A queue between processes (Python: multiprocessing.Queue). Items are copied as they are when they are put in; those of one process
 * arrive in order, and none is lost if a getter is killed.
 *
 * @example
 * const queue = new Queue<string>()
 * new Process({ target, args: [queue] }).start() // there: yield* queue.put('hello')
 * yield* queue.get()
 */
export class Queue<T = unknown> extends BaseQueue<T> {
  private waitsToArrive = true

  /** @param maxsize how many items there is room for; `undefined`, 0 and less are without bound */
  constructor(maxsize?: number)
  /** @internal */
  constructor(maxsize: number | undefined, place: Place | undefined)
  constructor(maxsize?: number, place?: Place) {
    super(checkMaxsize(maxsize), place)
  }

  protected get kind(): string {
    return 'Queue'
  }

  /**
   * Puts an item in, waiting for room.
   *
   * @param item what to put in: whatever can be sent
   * @param options see `SharedQueueOptions`
   * @throws {Full} without room, in time; {SerializationError} for an item that cannot be sent: it takes no room; {ProcessDiedError}
   *   if the process that made the queue is gone
   */
  put(item: T, options: SharedQueueOptions = {}): Operation<undefined> {
    return this.putItem(item, options)
  }

  /** Puts an item in, without waiting for room. Throws {Full} without room. */
  putNowait(item: T): Operation<undefined> {
    return this.putItem(item, { block: false })
  }

  /**
   * Takes an item out, waiting for one. A kill or timeout takes none.
   *
   * @param options see `SharedQueueOptions`
   * @throws {Empty} without an item, in time; {ProcessDiedError} if the process that made the queue is gone
   */
  get(options: SharedQueueOptions = {}): Operation<T> {
    return this.getItem(options)
  }

  /** Takes an item out, without waiting for one. Throws {Empty} without one. */
  getNowait(): Operation<T> {
    return this.getItem({ block: false })
  }

  /** How many items are in it, by now. */
  qsize(): Operation<number> {
    return this.ask<number>('size', NONE)
  }

  /** Whether there is no room, by now. */
  full(): Operation<boolean> {
    return this.ask<boolean>('full', NONE)
  }

  /**
   * Waits until all that this process has put in has arrived; at its end a process does that by itself.
   *
   * @throws {ProcessDiedError} if the process that made the queue is gone before that
   */
  joinThread(): Operation<undefined> {
    return this.waitsToArrive ? this.untilArrived() : (new Done() as Operation<undefined>)
  }

  /** Keeps `joinThread` from waiting, from now on. */
  cancelJoinThread(): void {
    this.waitsToArrive = false
  }
}

/**
 * A queue between processes that can be waited for until all of its items are worked off (Python: multiprocessing.JoinableQueue).
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
   * Says, at once, that an item that was taken out is worked off.
   *
   * @throws {RangeError} if that has been said of all of them
   */
  taskDone(): Operation<unknown> {
    return this.act('taskDone', NONE)
  }

  /**
   * Waits until every item that was put in is worked off.
   *
   * @param options `timeout`: milliseconds, default without end
   * @returns whether all are
   */
  join(options: { timeout?: TimeLimit } = {}): Operation<boolean> {
    return this.ask<boolean>('join', NONE, { timeout: timeoutOf(options), onExpiry: () => false })
  }
}

/**
 * A queue between processes with nothing but `put`, `get` and `empty` (Python: multiprocessing.SimpleQueue).
 *
 * @example
 * const results = new SimpleQueue<number>()
 */
export class SimpleQueue<T = unknown> extends BaseQueue<T> {
  constructor()
  /** @internal */
  constructor(place?: Place)
  constructor(place?: Place) {
    super(undefined, place)
  }

  protected get kind(): string {
    return 'SimpleQueue'
  }

  /** Puts an item in. */
  put(item: T): Operation<undefined> {
    return this.putItem(item, {})
  }

  /**
   * Takes an item out, waiting for one.
   *
   * @param options `timeout`: milliseconds from 0 up, default without end
   * @throws {Empty} when the time is over
   */
  get(options: { timeout?: TimeLimit } = {}): Operation<T> {
    return this.getItem(options)
  }
}

const boundOf = (maxsize: unknown) => (maxsize as number | null) ?? undefined
shareClass('Queue', Queue, ([, node, object, maxsize]) => new Queue(boundOf(maxsize), Place.at(node, object)))
shareClass('JoinableQueue', JoinableQueue, ([, node, object, maxsize]) => {
  return new JoinableQueue(boundOf(maxsize), Place.at(node, object))
})
shareClass('SimpleQueue', SimpleQueue, ([, node, object]) => new SimpleQueue(Place.at(node, object)))
