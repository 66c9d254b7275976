import { CooperativeIterator, type Operation } from '@greenlit/core'
import { checkTimeout, runCallback, type TimeLimit } from '@greenlit/core/engine'
import { ExternalWait, timeLeft, type WaitSource } from '../wait/external-wait.ts'

/** The base of the iterators over futures, with one timeout for the whole iteration. */
export abstract class FutureIterator<T>
  extends CooperativeIterator<T>
  implements WaitSource<IteratorResult<T, undefined>>
{
  abstract readonly name: string
  private readonly remaining: () => TimeLimit
  protected isClosed = false
  private readonly waits = new Set<ExternalWait<IteratorResult<T, undefined>>>()

  constructor(timeout: unknown) {
    super()
    this.remaining = timeLeft(checkTimeout(timeout))
  }

  next(): Operation<IteratorResult<T, undefined>> {
    return new ExternalWait(this, this.remaining(), (raised) => {
      const error = this.timeoutError()
      this.close()
      throw raised ?? error
    })
  }

  /** The next item if it is available; throws if an error takes its place. */
  abstract ready(): { value: IteratorResult<T, undefined> } | undefined

  /** Returns an undelivered item to the front, behind the returned items that were handed out before it. */
  protected abstract putBack(item: T, order: number): void

  /** The error for an expired timeout. */
  protected abstract timeoutError(): Error

  /** Releases the remaining futures and items. */
  protected abstract release(): void

  protected override onClose(): void {
    this.isClosed = true
    this.release()
    this.notify()
  }

  /** Makes the waiting greenlets check again whether an item is available. */
  protected notify(): void {
    for (const wait of this.waits) wait.finish()
  }

  giveBack(result: IteratorResult<T, undefined>, order: number): void {
    if (result.done || this.isClosed) return
    this.putBack(result.value, order)
    // Another waiting greenlet may take it.
    runCallback(() => this.notify())
  }

  enter(wait: ExternalWait<IteratorResult<T, undefined>>): void {
    this.waits.add(wait)
  }

  leave(wait: ExternalWait<IteratorResult<T, undefined>>): void {
    this.waits.delete(wait)
  }
}
