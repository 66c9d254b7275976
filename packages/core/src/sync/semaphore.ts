import { Call } from '../engine/call.ts'
import { checkOptions, checkWhole, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { blockingExecution } from '../engine/operation.ts'
import { QueuedOperation, type QueuedWaiter } from '../engine/queued-operation.ts'
import { DONE_WITH_TRUE, finished, type Operation, type Suspension } from '../engine/suspension.ts'
import type { WaitQueueNode } from '../engine/wait-queue.ts'
import { timeoutError } from '../greenlet/timeout.ts'
import { type Held, heldUntilDisposed } from './held.ts'
import { Linkable } from './linkable.ts'

/** Options of `acquire`. */
export interface AcquireOptions {
  /** Whether to wait. Default true. */
  blocking?: boolean | undefined
  /** How long to wait, in milliseconds. Default: no limit. */
  timeout?: TimeLimit
}

/**
 * A counting semaphore (gevent: Semaphore). Waiters are served in order, but a running greenlet may take a permit between a release
 * and the wake-up of a waiter. That waiter keeps its place in line.
 *
 * @example
 * const atMostFive = new Semaphore(5)
 * spawn(function* () {
 *   using held = yield* atMostFive.hold()
 *   yield* work()
 * })
 */
export class Semaphore extends Linkable {
  /** The number of permits left. */
  counter: number
  private acquireOperation: Acquire | null = null
  private waitOperation: WaitForPermit | null = null

  /**
   * @param value the initial number of permits, a non-negative integer. Default 1
   * @throws {RangeError} if `value` is negative
   */
  constructor(value = 1) {
    super()
    this.counter = checkWhole(value, 'value', 0)
  }

  /**
   * Takes a permit, waiting for one if necessary. If the call is killed or times out, no permit is taken.
   *
   * @param options see `AcquireOptions`
   * @returns whether a permit was taken: `false` on timeout, or if there is none and `blocking` is false
   * @throws {RangeError} immediately if there is a `timeout` although `blocking` is false
   */
  acquire(options?: AcquireOptions): Operation<boolean> {
    const acquire = (this.acquireOperation ??= new Acquire(this))
    if (options === undefined) return acquire
    if (checkOptions(options).blocking !== false) return acquire.limited(options)
    if (timeoutOf(options) !== undefined) throw new RangeError('Expected no `timeout` for a call that does not block')
    return acquire.within(0)
  }

  /**
   * Releases permits; waiters run later. More permits may be released than were acquired.
   *
   * @param count how many, an integer of at least 1, as in threading. Default 1
   * @returns the number of permits now available
   * @throws {RangeError} if `count` is less than 1 or not an integer; {TypeError} if it is not a number
   */
  release(count = 1): number {
    if (count !== 1) checkWhole(count, 'count', 1)
    this.counter += count
    if (this.links.first !== null) this.schedule()
    return this.counter
  }

  /** Whether there is no permit left. */
  locked(): boolean {
    return this.counter <= 0
  }

  /** Whether a permit is available. */
  override ready(): boolean {
    return this.counter > 0
  }

  /**
   * Waits until a permit is available, without taking it.
   *
   * @returns the number of permits available; 0 on timeout
   */
  wait(options?: { timeout?: TimeLimit }): Operation<number> {
    return (this.waitOperation ??= new WaitForPermit(this)).limited(options)
  }

  /**
   * Takes a permit for a block: `using held = yield* semaphore.hold()` releases it at the end of the block.
   *
   * @throws {Timeout} on timeout
   */
  hold(options: { timeout?: TimeLimit } = {}): Operation<Held> {
    return new Call<[Semaphore, TimeLimit], Held>(hold, [this, timeoutOf(options)])
  }
}

/** Acquires a lock and returns a `Held` that releases it. Throws {Timeout} on timeout. */
export function* hold(
  lock: { acquire(options?: AcquireOptions): Operation<boolean>; release(): unknown },
  timeout: TimeLimit,
): Generator<Suspension, Held, unknown> {
  if (!(yield* lock.acquire({ timeout }))) throw timeoutError(timeout)
  return heldUntilDisposed(() => lock.release())
}

class Acquire extends QueuedOperation<boolean> {
  private readonly semaphore: Semaphore

  constructor(semaphore: Semaphore) {
    super()
    this.semaphore = semaphore
  }

  override next(): IteratorResult<Suspension, boolean> {
    const execution = blockingExecution()
    return execution._waiting === null ? (this.poll() ?? this.enqueue(execution)) : this.goOn(execution)
  }

  poll(): IteratorResult<Suspension, boolean> | null {
    const { semaphore } = this
    if (semaphore.counter <= 0) return null
    semaphore.counter -= 1
    return DONE_WITH_TRUE
  }

  enter(waiter: WaitQueueNode): void {
    this.semaphore.addLink(waiter)
  }

  serve(waiter: QueuedWaiter): void {
    const { semaphore } = this
    semaphore.counter -= 1
    if (!waiter.switchTo(true)) semaphore.counter += 1
  }

  expire(): boolean {
    return false
  }

  describe(): string {
    return `${this.semaphore.constructor.name}.acquire`
  }
}

class WaitForPermit extends QueuedOperation<number> {
  private readonly semaphore: Semaphore

  constructor(semaphore: Semaphore) {
    super()
    this.semaphore = semaphore
  }

  poll(): IteratorResult<Suspension, number> | null {
    const { counter } = this.semaphore
    return counter > 0 ? finished(counter) : null
  }

  enter(waiter: WaitQueueNode): void {
    this.semaphore.addLink(waiter)
  }

  serve(waiter: QueuedWaiter): void {
    waiter.switchTo(this.semaphore.counter)
  }

  expire(): number {
    return this.semaphore.counter
  }

  describe(): string {
    return `${this.semaphore.constructor.name}.wait`
  }
}
