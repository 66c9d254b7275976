import { Blocking } from '../engine/blocking.ts'
import { checkItems, checkIterable, checkOptions, checkTimeoutFromZero, type TimeLimit } from '../engine/check.ts'
import type { Operation } from '../engine/suspension.ts'
import type { WaitQueue, WaitQueueNode } from '../engine/wait-queue.ts'
import { overdue } from '../greenlet/timeout.ts'
import { Empty, ShutDown } from './errors.ts'
import { SimpleQueue } from './simple-queue.ts'

/** A queue of a list, with an item of it. */
export type Selected<Q extends readonly SimpleQueue<unknown>[]> = {
  [K in keyof Q]: [queue: Q[K], item: Q[K] extends SimpleQueue<infer T> ? T : never]
}[number]

/** The place of a selection in the line of one queue. */
class Place implements WaitQueueNode {
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

  /** The queue was shut down. */
  fail(error: unknown): void {
    this.selection.lose(this, error)
  }
}

/** The wait of `selectQueue`: it stands in the lines of all queues, and leaves the others before it takes from one. */
class Select extends Blocking<[SimpleQueue<unknown>, unknown]> {
  private readonly places: Set<Place>
  private readonly timeout: TimeLimit

  constructor(queues: readonly SimpleQueue<unknown>[], timeout: TimeLimit) {
    super()
    this.timeout = timeout
    this.places = new Set(queues.map((queue) => new Place(this, queue)))
  }

  start(): boolean {
    for (const place of this.places) {
      const { queue } = place
      if (queue.canTake) {
        this.outcome = [queue, queue.getNowait()]
        return true
      }
      if (queue.isShutdown) this.places.delete(place)
    }
    if (this.places.size === 0) throw new ShutDown()
    if (this.timeout === 0) this.expire()
    for (const place of this.places) place.queue.getters.push(place)
    this.limit(this.timeout)
    return false
  }

  /** It is its turn at one of the queues. */
  finish(queue: SimpleQueue<unknown>): void {
    const item = queue.take()
    this.cancel()
    this.switchTo([queue, item])
  }

  /** Nothing more will come from one of the queues, or it could not give what it has. */
  lose(place: Place, error: unknown): void {
    this.places.delete(place)
    if (this.places.size > 0 && error instanceof ShutDown) return
    this.cancel()
    this.fail(error)
  }

  cancel(): void {
    for (const place of this.places) place.waitQueue?.remove(place)
  }

  override expire(): never {
    throw overdue(this.timeout, new Empty())
  }

  describe(): string {
    return `selectQueue of ${this.places.size} queues`
  }
}

/**
 * Takes an item from whichever of several queues and channels has one first; the others keep theirs. If several have one, the
 * first in the list counts. A queue that is shut down and empty is left out. A kill or timeout takes none.
 *
 * @param queues at least one queue of any kind
 * @param options `timeout`: milliseconds from 0 up, or a `Timeout`, which raises itself; default without end; 0 only looks
 * @returns the queue and its item
 * @throws {Empty} without an item, in time; {ShutDown} if all are shut down and empty; {TypeError} or {RangeError} at once for
 *   what are no queues, or a negative `timeout`
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
