import type { Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'
import type { Asker } from './owned-object.ts'

/** A method of a shared object that another process owns. */
export interface RemoteMethod {
  readonly to: string
  readonly key: ObjectKey
  readonly method: string
}

/** An item that arrived for a call that had been given up by then. */
export interface LateItem {
  readonly value: unknown
  readonly payload: Payload
  /** The number of the reply that brought it. */
  readonly order: number
}

/** The unanswered calls of a method that takes the next item, and the items that arrived for calls that had been given up. */
export class ItemCalls {
  readonly target: RemoteMethod
  private late: LateItem[] = []
  /** The exchange numbers of all unanswered calls, including those that were given up. */
  private readonly open = new Set<number>()
  /** The calls that still wait, in the order in which they were made. */
  private readonly waiting = new Map<number, Asker>()

  constructor(target: RemoteMethod) {
    this.target = target
  }

  /** Whether there are late items. */
  get hasLate(): boolean {
    return this.late.length > 0
  }

  /** Whether no call is unanswered. */
  get isSettled(): boolean {
    return this.open.size === 0
  }

  /** @param asker `null` if the call has been given up */
  add(exchange: number, asker: Asker | null): void {
    this.open.add(exchange)
    if (asker !== null) this.waiting.set(exchange, asker)
  }

  giveUp(exchange: number): void {
    this.waiting.delete(exchange)
  }

  delete(exchange: number): void {
    this.waiting.delete(exchange)
    this.open.delete(exchange)
  }

  addLate(item: LateItem): void {
    const index = this.late.findLastIndex(({ order }) => order < item.order) + 1
    this.late.splice(index, 0, item)
  }

  /** Gives late items to the calls that wait; returns the exchange numbers of those that took one. */
  deal(): number[] {
    const served: number[] = []
    for (const [exchange, asker] of this.waiting) {
      const item = this.late[served.length]
      if (item === undefined) break
      if (asker.answer(item.value, item.payload, item.order)) served.push(exchange)
      else this.waiting.delete(exchange)
    }
    this.late.splice(0, served.length)
    return served
  }

  /** Takes the late items that nobody took. */
  takeLate(): LateItem[] {
    const { late } = this
    this.late = []
    return late
  }
}
