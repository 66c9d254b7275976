import type { Operation } from '@greenlit/core'
import { tree } from '../tree/tree.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'
import { OutsideWait } from '../wait/outside-wait.ts'

/** Something that changes, and for whose states others wait; who waits keeps the program alive. */
export class Changes {
  private readonly waits = new Set<{ finish(): void }>()
  /** A worker closes its line before its end is told, and what tells that holds nobody. */
  private keeper: NodeJS.Timeout | undefined = undefined

  /** It has changed. */
  tell(): void {
    for (const wait of [...this.waits]) wait.finish()
  }

  /**
   * Waits for a state.
   *
   * @param name what waits, for reports
   * @param ready gives the answer if the state is there, or throws
   * @param giveBack takes back an answer that a kill kept from being delivered
   */
  until<T>(name: string, ready: () => { value: T } | undefined, giveBack?: (value: T) => void): Operation<T> {
    const enter = (wait: OutsideWait<T>) => {
      this.waits.add(wait)
      this.keeper ??= setInterval(() => {}, LONGEST_DELAY)
      tree.hold()
    }
    const leave = (wait: OutsideWait<T>) => {
      this.waits.delete(wait)
      if (this.waits.size === 0) {
        clearInterval(this.keeper)
        this.keeper = undefined
      }
      tree.letGo()
    }
    const awaited = { name, ready, enter, leave, ...(giveBack === undefined ? {} : { giveBack }) }
    return new OutsideWait<T>(awaited, undefined, () => undefined as T)
  }
}
