import type { TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../description/description.ts'
import type { InterestList, ListWaiter, ReadyInterest } from './interest-list.ts'
import { ReadinessWait } from './readiness-wait.ts'

/** A wait for any entry of an interest list, which may change during the wait. */
export abstract class InterestWait<T> extends ReadinessWait<T[]> implements ListWaiter {
  private readonly list: InterestList

  constructor(list: InterestList, timeout: TimeLimit) {
    super(timeout)
    this.list = list
  }

  /** Converts a ready interest to what the caller gets. */
  protected abstract toResult(ready: ReadyInterest): T

  protected prepare(): boolean {
    this.list.forget()
    return this.list.isExternal
  }

  protected collect(): T[] | undefined {
    const ready = this.list.collectReady()
    return ready.length > 0 ? ready.map((each) => this.toResult(each)) : undefined
  }

  protected mayMissInput(): boolean {
    return this.list.mayMissInput()
  }

  protected noneReady(): T[] {
    return []
  }

  protected watch(): void {
    this.list.enter(this)
  }

  protected unwatch(): void {
    this.list.leave(this)
  }

  added(pollable: Pollable): void {
    if (pollable.isExternal) this.becomeExternal()
    this.check()
  }
}
