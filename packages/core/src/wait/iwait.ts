import { Blocking } from '../engine/blocking.ts'
import { checkItems, checkIterable, checkOptions, checkTimeout, type TimeLimit, timeoutOf } from '../engine/check.ts'
import { deadlineOf, now } from '../engine/now.ts'
import { runtime } from '../engine/runtime.ts'
import type { Operation } from '../engine/suspension.ts'
import { ConcurrentObjectUseError } from '../errors/concurrent-object-use-error.ts'
import { raiseReplacement } from '../greenlet/timeout.ts'
import { CooperativeIterator } from './cooperative-iterator.ts'
import { checkCount } from './joinall.ts'

/** An object that can be waited for: a greenlet, event, result, semaphore, process, or any object of your own with links. */
export interface Waitable {
  /** Calls back once when the object is ready; never synchronously, even if it is ready already. */
  rawlink(callback: (source: unknown) => unknown): void
  unlink(callback: (source: unknown) => unknown): void
}

/** Options for waiting for several objects. */
export interface WaitOptions {
  /** How long to wait in total, in milliseconds. Default: no limit. */
  timeout?: TimeLimit
  /** How many objects must become ready to end the wait, a non-negative integer. Default: all. */
  count?: number | undefined
}

/** A link of the wait to an object. An object that is listed twice has two. */
interface WaitLink<W> {
  readonly object: W
  readonly callback: () => void
}

/** Iterates over objects in the order in which they become ready. */
class ReadyObjects<W extends Waitable> extends CooperativeIterator<W> {
  private readonly objects: readonly W[]
  /** @internal */
  readonly timeout: TimeLimit
  private links: WaitLink<W>[] | null = null
  private readonly ready: W[] = []
  private taken = 0
  private left: number
  private deadline = 0
  /** @internal */
  waiter: Next<W> | null = null

  constructor(objects: readonly W[], options: WaitOptions) {
    super()
    this.objects = objects
    this.timeout = timeoutOf(options)
    this.left = checkCount(checkOptions(options).count, objects.length)
  }

  next(): Operation<IteratorResult<W, undefined>> {
    return new Next(this)
  }

  /** @internal Returns the next ready object, or the end of the iteration; `undefined` if the caller has to wait. */
  take(): IteratorResult<W, undefined> | undefined {
    if (this.links === null) this.link()
    if (this.left > 0 && this.taken < this.ready.length) {
      const value = this.ready[this.taken]!
      this.taken += 1
      this.left -= 1
      if (this.left === 0) this.close()
      return { done: false, value }
    }
    if (this.left === 0) return { done: true, value: undefined }
    return undefined
  }

  /** @internal Puts back an object whose reader was killed before it received it. */
  putBack(result: IteratorResult<W, undefined> | undefined): void {
    if (result?.done !== false) return
    this.taken -= 1
    this.ready[this.taken] = result.value
    this.left += 1
    this.waiter?.retry()
  }

  private link(): void {
    this.links = []
    if (this.left === 0) return
    this.deadline = deadlineOf(this.timeout)
    for (const object of this.objects) {
      const callback = () => {
        this.ready.push(object)
        this.waiter?.retry()
      }
      this.links.push({ object, callback })
      object.rawlink(callback)
    }
  }

  /** @internal The time limit for the next object. */
  get limitLeft(): TimeLimit {
    // A `Timeout` that is running ends the wait by itself. Like any call it is passed to, `Next` closes it when the wait ends; for the
    // objects after that, the deadline applies.
    if (typeof this.timeout === 'object' && this.timeout.pending) return this.timeout
    return checkTimeout(this.deadline - now())
  }

  protected override onClose(): void {
    this.left = 0
    for (const { object, callback } of this.links ?? []) object.unlink(callback)
    this.links = []
    this.waiter?.wake({ done: true, value: undefined })
  }
}

class Next<W extends Waitable> extends Blocking<IteratorResult<W, undefined>> {
  private readonly objects: ReadyObjects<W>

  constructor(objects: ReadyObjects<W>) {
    super()
    this.objects = objects
  }

  start(): boolean {
    this.outcome = this.objects.take()
    if (this.outcome !== undefined) return true
    if (this.objects.waiter !== null)
      throw new ConcurrentObjectUseError('Expected one greenlet at a time to wait at an iterator')
    this.objects.waiter = this
    this.limit(this.objects.limitLeft)
    return false
  }

  cancel(): void {
    if (this.objects.waiter === this) this.objects.waiter = null
  }

  /** Called when an object has become ready. */
  retry(): void {
    this.objects.waiter = null
    const result = this.objects.take()!
    const inHub = runtime.inHub && runtime.current === null
    if (!(inHub ? this.switchTo(result) : this.wake(result))) this.objects.putBack(result)
  }

  protected override discard(): void {
    this.objects.putBack(this.outcome as IteratorResult<W, undefined> | undefined)
  }

  override expire(): IteratorResult<W, undefined> {
    this.objects.close()
    raiseReplacement(this.objects.timeout)
    return { done: true, value: undefined }
  }

  describe(): string {
    return 'iwait'
  }
}

/**
 * Iterates over objects in the order in which they become ready (gevent: iwait). Objects that are ready already come in list order.
 * Waiting on a semaphore does not acquire it. Closing the iterator, as `each` does at its end, unlinks the remaining objects.
 * In plain code, `for await` yields the greenlets themselves, although they are thenable.
 *
 * @param objects any objects with `rawlink` and `unlink`
 * @param options `timeout`: milliseconds for the whole iteration, default no limit; `count`: the maximum number of objects to return
 * @throws {TypeError} immediately if an object cannot be linked
 * @example
 * yield* each(iwait(greenlets), function* (greenlet) {
 *   console.log(greenlet.value)
 * })
 */
export function iwait<W extends Waitable>(objects: Iterable<W>, options: WaitOptions = {}): CooperativeIterator<W> {
  return new ReadyObjects<W>(checkWaitables(objects), options)
}

function checkWaitables<W extends Waitable>(objects: Iterable<W>): W[] {
  return checkItems(
    checkIterable(objects, 'objects'),
    'objects',
    'what has `rawlink` and `unlink`',
    (object: Partial<Waitable> | undefined | null) => typeof object?.rawlink === 'function',
  )
}
