import type { ObjectKey } from '../codec/shared.ts'
import type { Owned } from './owned.ts'
import { tree } from './tree.ts'

/** Where a shared object is: the thing itself if this process owns it, and how others find it. */
export class Place {
  readonly node: string
  /** The thing itself; `null` if another process owns it. */
  readonly owned: Owned | null
  private key: ObjectKey | undefined
  private isSpread = false

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
    const owned = node === tree.id ? tree.services.owned.get(key) : undefined
    const place = new Place(node, key, owned ?? null)
    if (owned !== undefined) tree.services.owned.usedBy(place, key)
    return place
  }

  /** Under what the owner finds it. */
  get object(): ObjectKey {
    if (this.key === undefined) {
      const { owned } = tree.services
      this.key = owned.add(this.owned!)
      owned.usedBy(this, this.key)
    }
    return this.key
  }

  /**
   * It is sent: its owner must know who may ask it from now on.
   *
   * @param destination the process that it goes to, if that is known
   * @returns under what the owner finds it
   */
  sentTo(destination: string | undefined): ObjectKey {
    const { node, object } = this
    if (this.owned !== null) {
      tree.services.owned.sent(object, destination)
    } else if (!this.isSpread && destination !== node) {
      this.isSpread = true
      tree.requests.spread(this)
    }
    return object
  }
}
