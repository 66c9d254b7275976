import type { ObjectKey } from '../codec/shared.ts'
import type { Owned } from './owned.ts'
import { tree } from './tree.ts'

/** Where a shared object is: the thing itself if this process owns it, and how others find it. */
export class Place {
  readonly node: string
  /** The thing itself; `null` if another process owns it. */
  readonly owned: Owned | null
  private key: ObjectKey | undefined

  private constructor(node: string, key: ObjectKey | undefined, owned: Owned | null) {
    this.node = node
    this.key = key
    this.owned = owned
  }

  /** The place of a thing that this process owns. */
  static here(owned: Owned): Place {
    return new Place(tree.id, undefined, owned)
  }

  /** The place that somebody has sent; it may be here. */
  static at(node: string, key: ObjectKey): Place {
    return new Place(node, key, (node === tree.id ? tree.services.find(key) : undefined) ?? null)
  }

  /** Under what the owner finds it; it gets a number when it is first sent. */
  get object(): ObjectKey {
    return (this.key ??= tree.services.own(this.owned!))
  }
}
