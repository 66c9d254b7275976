import type { TimeLimit } from '@greenlit/core/engine'
import type { Pollable } from '../socket/description.ts'
import type { InterestList, ListWaiter, ReadyInterest } from './interest-list.ts'
import { Readiness } from './readiness.ts'

/** A wait for any entry of an interest list, which may change during the wait. */
export abstract class InterestWait<T> extends Readiness<T[]> implements ListWaiter {
  private readonly list: InterestList

  constructor(list: InterestList, timeout: TimeLimit) {
    super(timeout)
    this.list = list
  }

  /** Converts a ready interest to what the caller gets. */
  protected abstract shown(ready: ReadyInterest): T

  protected prepare(): boolean {
    return this.list.isExternal
  }

  protected collect(): T[] | undefined {
    const ready = this.list.look()
    return ready.length > 0 ? ready.map((each) => this.shown(each)) : undefined
  }

  protected mayMiss(): boolean {
    return this.list.mayMiss()
  }

  protected nothing(): T[] {
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
    this.look()
  }
}
