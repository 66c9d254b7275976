import { KeyError } from '../errors/key-error.ts'

type Items = Iterable<unknown>

/** The set that a manager's process keeps behind a `SetProxy`. */
export class HostSet {
  private items: Set<unknown>

  constructor(items: Items = []) {
    this.items = new Set(items)
  }

  add(item: unknown): void {
    this.items.add(item)
  }
  discard(item: unknown): void {
    this.items.delete(item)
  }
  remove(item: unknown): void {
    if (!this.items.delete(item)) throw new KeyError(`Expected the set to have the item ${String(item)}`)
  }
  pop(): unknown {
    if (this.items.size === 0) throw new KeyError('Expected the set not to be empty')
    const [first] = this.items
    this.items.delete(first)
    return first
  }
  has(item: unknown): boolean {
    return this.items.has(item)
  }
  len(): number {
    return this.items.size
  }
  clear(): void {
    this.items.clear()
  }
  copy(): Set<unknown> {
    return this.items
  }
  union(...others: Items[]): Set<unknown> {
    return new Set([this.items, ...others].flatMap((other) => [...other]))
  }
  intersection(...others: Items[]): Set<unknown> {
    const sets = others.map((other) => new Set(other))
    return new Set([...this.items].filter((item) => sets.every((set) => set.has(item))))
  }
  difference(...others: Items[]): Set<unknown> {
    const sets = others.map((other) => new Set(other))
    return new Set([...this.items].filter((item) => !sets.some((set) => set.has(item))))
  }
  symmetricDifference(other: Items): Set<unknown> {
    const added = [...new Set(other)].filter((item) => !this.items.has(item))
    return new Set([...this.difference(other), ...added])
  }
  update(...others: Items[]): void {
    this.items = this.union(...others)
  }
  intersectionUpdate(...others: Items[]): void {
    this.items = this.intersection(...others)
  }
  differenceUpdate(...others: Items[]): void {
    this.items = this.difference(...others)
  }
  symmetricDifferenceUpdate(other: Items): void {
    this.items = this.symmetricDifference(other)
  }
  isdisjoint(other: Items): boolean {
    return this.intersection(other).size === 0
  }
  issubset(other: Items): boolean {
    return this.difference(other).size === 0
  }
  issuperset(other: Items): boolean {
    return [...other].every((item) => this.items.has(item))
  }
}
