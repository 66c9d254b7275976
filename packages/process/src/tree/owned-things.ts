import type { ObjectKey } from '../codec/shared.ts'
import type { Owned } from './owned.ts'

/** A thing that others can ask. */
interface Entry {
  readonly owned: Owned
  /** How many places of it there are in this process. */
  places: number
  /** The processes that it was sent to. */
  readonly destinations: Set<string>
  /** Whether it may be anywhere: it was sent to nobody knows whom, or sent on. */
  isSpread: boolean
}

/**
 * The things that this process owns and that others have views of, by number or name. One is kept as long as it is in use here, or
 * one of the processes lives that it was sent to; or for good, if nobody knows who has it.
 */
export class OwnedThings {
  private readonly entries = new Map<ObjectKey, Entry>()
  private readonly collected = new FinalizationRegistry<ObjectKey>((key) => this.leftBy(key))
  private last = 0

  get size(): number {
    return this.entries.size
  }

  get(key: ObjectKey): Owned | undefined {
    return this.entries.get(key)?.owned
  }

  /** Gives a thing a number. */
  add(owned: Owned): number {
    this.last += 1
    this.entries.set(this.last, { owned, places: 0, destinations: new Set(), isSpread: false })
    return this.last
  }

  /** Gives a thing a name, for good. */
  addAs(name: string, owned: Owned): void {
    this.entries.set(name, { owned, places: 0, destinations: new Set(), isSpread: true })
  }

  /** There is a place of it in this process: it is kept as long as that. */
  usedBy(place: object, key: ObjectKey): void {
    this.entries.get(key)!.places += 1
    this.collected.register(place, key)
  }

  private leftBy(key: ObjectKey): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    entry.places -= 1
    this.dropUnused(key, entry)
  }

  /** It is sent: to a process, or to nobody knows whom. */
  sent(key: ObjectKey, destination: string | undefined): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    if (destination === undefined) entry.isSpread = true
    else entry.destinations.add(destination)
  }

  /** Processes are gone. */
  lose(isLost: (node: string) => boolean): void {
    for (const [key, entry] of this.entries) {
      entry.owned.forget(isLost)
      for (const node of entry.destinations) if (isLost(node)) entry.destinations.delete(node)
      this.dropUnused(key, entry)
    }
  }

  private dropUnused(key: ObjectKey, { places, destinations, isSpread }: Entry): void {
    if (places === 0 && destinations.size === 0 && !isSpread) this.entries.delete(key)
  }
}
