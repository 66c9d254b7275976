import { isDeepStrictEqual } from 'node:util'
import { show } from '@greenlit/core/engine'
import { KeyError } from '../errors/key-error.ts'

/** The dict that a manager's process keeps behind a `DictProxy`. */
export class HostDict {
  private readonly map: Map<unknown, unknown>

  constructor(entries: Iterable<readonly [unknown, unknown]> | Record<string, unknown> = []) {
    this.map = new Map(entriesOf(entries))
  }

  get(key: unknown, fallback?: unknown): unknown {
    return this.map.has(key) ? this.map.get(key) : fallback
  }
  getitem(key: unknown): unknown {
    if (!this.map.has(key)) throw new KeyError(`Expected the dict to have the key ${String(key)}`)
    return this.map.get(key)
  }
  set(key: unknown, value: unknown): void {
    this.map.set(key, value)
  }
  delete(key: unknown): boolean {
    return this.map.delete(key)
  }
  has(key: unknown): boolean {
    return this.map.has(key)
  }
  len(): number {
    return this.map.size
  }
  keys(): unknown[] {
    return [...this.map.keys()]
  }
  values(): unknown[] {
    return [...this.map.values()]
  }
  items(): unknown[] {
    return [...this.map]
  }
  copy(): Map<unknown, unknown> {
    return this.map
  }
  clear(): void {
    this.map.clear()
  }
  pop(key: unknown, ...fallback: unknown[]): unknown {
    if (!this.map.has(key) && fallback.length > 0) return fallback[0]
    const value = this.getitem(key)
    this.map.delete(key)
    return value
  }
  popitem(): unknown {
    const last = [...this.map].at(-1)
    if (last === undefined) throw new KeyError('Expected the dict not to be empty')
    this.map.delete(last[0])
    return last
  }
  setdefault(key: unknown, value?: unknown): unknown {
    if (!this.map.has(key)) this.map.set(key, value)
    return this.map.get(key)
  }
  update(entries: Iterable<readonly [unknown, unknown]> | Record<string, unknown>): void {
    for (const [key, value] of entriesOf(entries)) this.map.set(key, value)
  }
}

function entriesOf(entries: Iterable<readonly [unknown, unknown]> | Record<string, unknown>) {
  return Symbol.iterator in entries ? (entries as Iterable<readonly [unknown, unknown]>) : Object.entries(entries)
}

/** The list that a manager's process keeps behind a `ListProxy`. */
export class HostList {
  private list: unknown[]

  constructor(items: Iterable<unknown> = []) {
    this.list = [...items]
  }

  get(index: number): unknown {
    return this.list[resolveIndex(this.list, index)]
  }
  set(index: number, item: unknown): void {
    this.list[resolveIndex(this.list, index)] = item
  }
  delete(index: number): void {
    this.list.splice(resolveIndex(this.list, index), 1)
  }
  len(): number {
    return this.list.length
  }
  has(item: unknown): boolean {
    return find(this.list, item) >= 0
  }
  append(item: unknown): void {
    this.list.push(item)
  }
  extend(items: Iterable<unknown>): void {
    for (const item of items) this.list.push(item)
  }
  insert(index: number, item: unknown): void {
    if (!Number.isInteger(index)) throw new TypeError(`Expected \`index\` to be a whole number, got ${show(index)}`)
    this.list.splice(index, 0, item)
  }
  pop(index = -1): unknown {
    return this.list.splice(resolveIndex(this.list, index), 1)[0]
  }
  index(item: unknown, start = 0, end = this.list.length): number {
    for (const [name, value] of Object.entries({ start, end }))
      if (!Number.isInteger(value)) throw new TypeError(`Expected \`${name}\` to be a whole number, got ${show(value)}`)
    const index = find(this.list.slice(start, end), item)
    if (index < 0) throw new RangeError('Expected the list to have the item')
    return index + (start < 0 ? Math.max(0, start + this.list.length) : start)
  }
  remove(item: unknown): void {
    this.list.splice(this.index(item), 1)
  }
  count(item: unknown): number {
    return this.list.filter((one) => isDeepStrictEqual(one, item)).length
  }
  reverse(): void {
    this.list.reverse()
  }
  sort(isReversed = false): void {
    const sign = isReversed ? -1 : 1
    this.list.sort((one, other) =>
      (one as number) < (other as number) ? -sign : (one as number) > (other as number) ? sign : 0,
    )
  }
  clear(): void {
    this.list = []
  }
  copy(): unknown[] {
    return this.list
  }
  slice(start?: number, end?: number): unknown[] {
    return this.list.slice(start, end)
  }
  concat(items: Iterable<unknown>): unknown[] {
    return [...this.list, ...items]
  }
  repeat(times: number): unknown[] {
    return Array.from({ length: Math.max(0, times) }, () => this.list).flat()
  }
}

/** Resolves an index, which may count from the end. */
function resolveIndex(list: readonly unknown[], index: number): number {
  if (typeof index !== 'number') throw new TypeError(`Expected an index to be a whole number, got ${show(index)}`)
  const position = index < 0 ? index + list.length : index
  if (Number.isInteger(position) && position >= 0 && position < list.length) return position
  throw new RangeError(`Expected an index below ${list.length}, got ${index}`)
}

function find(list: readonly unknown[], item: unknown): number {
  return list.findIndex((one) => isDeepStrictEqual(one, item))
}

/**
 * The namespace that a manager's process keeps behind a `NamespaceProxy`; also behind a `ValueProxy`, as a namespace with one name.
 */
export class HostNamespace {
  private readonly names: Map<string, unknown>

  constructor(names: Record<string, unknown> = {}) {
    this.names = new Map(Object.entries(names))
  }

  get(name: string): unknown {
    if (!this.names.has(name)) throw new ReferenceError(`Expected the namespace to have the name ${name}`)
    return this.names.get(name)
  }
  set(name: string, value: unknown): void {
    this.names.set(name, value)
  }
  delete(name: string): void {
    this.get(name)
    this.names.delete(name)
  }
  copy(): Record<string, unknown> {
    return Object.fromEntries(this.names)
  }
}
