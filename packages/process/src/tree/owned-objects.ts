import type { ObjectKey } from '../codec/shared.ts'
import type { OwnedObject } from './owned-object.ts'

/** An object that other processes can call. */
interface Entry {
  readonly owned: OwnedObject
  /** The number of references to it in this process. */
  references: number
  /** The processes that it was sent to. */
  readonly destinations: Set<string>
  /** Whether any process may have it: it was sent to an unknown destination, or passed on by another process. */
  isSpread: boolean
}

/**
 * The shared objects that this process owns, by number or name. An object is kept while it is referenced in this process, or a
 * process that it was sent to lives; or forever, if it is unknown which processes have it.
 */
export class OwnedObjects {
  private readonly entries = new Map<ObjectKey, Entry>()
  private readonly collected = new FinalizationRegistry<ObjectKey>((key) => this.releaseReference(key))
  private last = 0

  get size(): number {
    return this.entries.size
  }

  get(key: ObjectKey): OwnedObject | undefined {
    return this.entries.get(key)?.owned
  }

  /** Adds an object under a new number, and returns the number. */
  add(owned: OwnedObject): number {
    this.last += 1
    this.entries.set(this.last, { owned, references: 0, destinations: new Set(), isSpread: false })
    return this.last
  }

  /** Adds an object under a name, forever. */
  addAs(name: string, owned: OwnedObject): void {
    this.entries.set(name, { owned, references: 0, destinations: new Set(), isSpread: true })
  }

  /** Counts a reference in this process: the object is kept as long as the reference is. */
  addReference(ref: object, key: ObjectKey): void {
    this.entries.get(key)!.references += 1
    this.collected.register(ref, key)
  }

  private releaseReference(key: ObjectKey): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    entry.references -= 1
    this.dropUnused(key, entry)
  }

  /** Records that an object was sent to a process, or to an unknown destination. */
  sent(key: ObjectKey, destination: string | undefined): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    if (destination === undefined) entry.isSpread = true
    else entry.destinations.add(destination)
  }

  /** Handles the end of processes. */
  forget(isLost: (node: string) => boolean): void {
    for (const [key, entry] of this.entries) {
      entry.owned.forget(isLost)
      for (const node of entry.destinations) if (isLost(node)) entry.destinations.delete(node)
      this.dropUnused(key, entry)
    }
  }

  private dropUnused(key: ObjectKey, { references, destinations, isSpread }: Entry): void {
    if (references === 0 && destinations.size === 0 && !isSpread) this.entries.delete(key)
  }
}
