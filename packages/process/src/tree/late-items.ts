import type { Payload } from '../codec/payload.ts'
import type { ObjectKey } from '../codec/shared.ts'

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

/** Items that arrived for calls that had been given up by then, in the order of their arrival, by the method that was called. */
export class LateItems {
  private readonly lists = new Map<string, LateItem[]>()

  /** Whether there are none at all. */
  get isEmpty(): boolean {
    return this.lists.size === 0
  }

  add(method: RemoteMethod, item: LateItem): void {
    const items = this.of(method)
    const index = items.findLastIndex(({ order }) => order < item.order) + 1
    items.splice(index, 0, item)
    this.lists.set(nameOf(method), items)
  }

  of(method: RemoteMethod): LateItem[] {
    return this.lists.get(nameOf(method)) ?? []
  }

  delete(method: RemoteMethod): void {
    this.lists.delete(nameOf(method))
  }
}

function nameOf({ to, key, method }: RemoteMethod): string {
  return `${to} ${key} ${method}`
}
