import type { Owned } from './owned.ts'
import { tree } from './tree.ts'

/** Where a shared object is: the thing itself if this process owns it, and how others find it. */
export class Place {
  readonly node: string
  /** The thing itself; `null` if another process owns it. */
  readonly owned: Owned | null
  private number: number | undefined

  private constructor(node: string, number: number | undefined, owned: Owned | null) {
    this.node = node
    this.number = number
    this.owned = owned
  }

  /** The place of a thing that this process owns. */
  static here(owned: Owned): Place {
    return new Place(tree.id, undefined, owned)
  }

  /** The place that somebody has sent; it may be here. */
  static at(node: string, number: number): Place {
    return new Place(node, number, tree.ownedHere(node, number) ?? null)
  }

  /** The number under which the owner finds it; it gets one when it is first sent. */
  get object(): number {
    return (this.number ??= tree.own(this.owned!))
  }
}
