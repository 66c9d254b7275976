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

  /** Puts an item before all others. */
  protected abstract putBack(item: T): void

  /** What it means that the time is over. */
  protected abstract late(): Error

  /** Lets go of what is left. */
  protected abstract drop(): void

  override close(): void {
    this.drop()
    this.tell()
  }

  /** Whoever waits is to look again. */
  protected tell(): void {
    for (const wait of this.waits) wait.finish()
  }

  giveBack(result: IteratorResult<T, undefined>): void {
    if (result.done) return
    this.putBack(result.value)
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
