import type { Operation } from '@greenlit/core'
import { tree } from '../tree/tree.ts'
import { ExternalWait } from '../wait/external-wait.ts'
import { LONGEST_DELAY } from '../wait/longest-delay.ts'

/** Lets greenlets wait until changing state satisfies a condition, like a condition variable. A wait keeps the program alive. */
export class ChangeNotifier {
  private readonly waits = new Set<{ finish(): void }>()
  /**
   * Keeps the program alive during a wait. A worker's channel closes before its exit is reported, and nothing that reports the exit
   * holds a reference on the event loop.
   */
  private keepAlive: NodeJS.Timeout | undefined = undefined

  /** The state has changed: makes all waits check their conditions again. */
  notify(): void {
    for (const wait of [...this.waits]) wait.finish()
  }

  /**
   * Waits until a condition holds.
   *
   * @param name the operation that waits, for diagnostics
   * @param ready returns the result once the condition holds, or throws; it is called now and after each change
   * @param giveBack takes back a result that was not delivered because the waiting greenlet was killed
   */
  waitUntil<T>(name: string, ready: () => { value: T } | undefined, giveBack?: (value: T) => void): Operation<T> {
    const enter = (wait: ExternalWait<T>) => {
      this.waits.add(wait)
      this.keepAlive ??= setInterval(() => {}, LONGEST_DELAY)
      tree.hold()
    }
    const leave = (wait: ExternalWait<T>) => {
      this.waits.delete(wait)
      if (this.waits.size === 0) {
        clearInterval(this.keepAlive)
        this.keepAlive = undefined
      }
      tree.letGo()
    }
    const source = { name, ready, enter, leave, ...(giveBack === undefined ? {} : { giveBack }) }
    return new ExternalWait<T>(source, undefined, () => undefined as T)
  }
}
