import type { ObjectKey } from '../codec/shared.ts'
import type { OwnedObject } from './owned-object.ts'
import { tree } from './tree.ts'

/**
 * A reference to a shared object: the process that owns it and its key there, and the object itself if this process is the owner.
 */
export class ObjectRef {
  readonly node: string
  /** The object itself; `null` if another process owns it. */
  readonly owned: OwnedObject | null
  private assignedKey: ObjectKey | undefined
  /** Whether the owner has been told that this process has passed the object on. */
  private isSpread = false

  private constructor(node: string, key: ObjectKey | undefined, owned: OwnedObject | null) {
    this.node = node
    this.assignedKey = key
    this.owned = owned
  }

  /** Makes a reference to an object that this process owns. */
  static local(owned: OwnedObject): ObjectRef {
    return new ObjectRef(tree.id, undefined, owned)
  }

  /** Makes a reference from a received one, which may point to an object of this process. */
  static at(node: string, key: ObjectKey): ObjectRef {
    const owned = node === tree.id ? tree.services.owned.get(key) : undefined
    const ref = new ObjectRef(node, key, owned ?? null)
    if (owned !== undefined) tree.services.owned.addReference(ref, key)
    return ref
  }

  /** The key under which the owner finds the object. */
  get key(): ObjectKey {
    if (this.assignedKey === undefined) {
      const { owned } = tree.services
      this.assignedKey = owned.add(this.owned!)
      owned.addReference(this, this.assignedKey)
    }
    return this.assignedKey
  }

  /**
   * Records that the object is sent: its owner must know who may call it from now on.
   *
   * @param destination the process that it is sent to, if known
   * @returns the key under which the owner finds the object
   */
  sentTo(destination: string | undefined): ObjectKey {
    const { node, key } = this
    if (this.owned !== null) {
      tree.services.owned.sent(key, destination)
    } else if (!this.isSpread && destination !== node) {
      this.isSpread = true
      tree.requests.spread(this)
    }
    return key
  }
}
