import { CooperativeIterator, type Operation } from '@greenlit/core'
import { checkTimeout, runCallback, type TimeLimit } from '@greenlit/core/engine'
import { type Awaited, OutsideWait, timeLeft } from '../wait/outside-wait.ts'

/** What goes through futures, with a time for all of it. */
export abstract class FutureIterator<T>
  extends CooperativeIterator<T>
  implements Awaited<IteratorResult<T, undefined>>
{
  abstract readonly name: string
  private readonly left: () => TimeLimit
  protected isClosed = false
  private readonly waits = new Set<OutsideWait<IteratorResult<T, undefined>>>()

  constructor(timeout: unknown) {
    super()
    this.left = timeLeft(checkTimeout(timeout))
  }

  next(): Operation<IteratorResult<T, undefined>> {
    return new OutsideWait(this, this.left(), (raised) => {
      const error = this.late()
      this.close()
      throw raised ?? error
    })
  }

  /** The next item if it is there; throws an error that takes its place. */
  abstract ready(): { value: IteratorResult<T, undefined> } | undefined

  /** Puts an item before all others, but behind those that were given before it. */
  protected abstract putBack(item: T, order: number): void

  /** What it means that the time is over. */
  protected abstract late(): Error

  /** Lets go of what is left. */
  protected abstract drop(): void

  override close(): void {
    this.isClosed = true
    this.drop()
    this.tell()
  }

  /** Whoever waits is to look again. */
  protected tell(): void {
    for (const wait of this.waits) wait.finish()
  }

  giveBack(result: IteratorResult<T, undefined>, order: number): void {
    if (result.done || this.isClosed) return
    this.putBack(result.value, order)
    // Another one that waits may have it.
    runCallback(() => this.tell())
  }

  enter(wait: OutsideWait<IteratorResult<T, undefined>>): void {
    this.waits.add(wait)
  }

  leave(wait: OutsideWait<IteratorResult<T, undefined>>): void {
    this.waits.delete(wait)
  }
}
