import { show } from '@greenlit/core/engine'
import { checkString } from '../check-given.ts'
import { pairsOf } from './pairs-of.ts'

/** What headers can be made from. */
export type HeadersInit =
  | CaseInsensitiveDict
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[]>>

/** What a header reads as: `Set-Cookie` is a list, since its values cannot be joined; any other is text. */
export type HeaderValue<Name extends string> = Lowercase<Name> extends 'set-cookie' ? string[] : string

interface Field {
  name: string
  readonly values: string[]
}

/** What every dict has until it changes. */
const NOTHING = new Map<string, Field>()

/**
 * Headers: names in any case, in the order and case in which they came (requests: CaseInsensitiveDict). A header that came
 * several times reads as one, joined by `, ` (RFC 9110 section 5.3), but `Set-Cookie` as a list (section 5.3 too).
 *
 * @example
 * const headers = new CaseInsensitiveDict({ 'Content-Type': 'text/html' })
 * headers.get('CONTENT-TYPE') // 'text/html'
 * headers.set('content-type', 'text/plain')
 * headers.raw // [['content-type', 'text/plain']]
 */
export class CaseInsensitiveDict implements Iterable<[string, string | string[]]> {
  #fields: Map<string, Field> = NOTHING
  /** Every line in order, where a name's lines do not stand together; `undefined` while `#fields` tells the order. */
  #lines: [string, string][] | undefined
  /** Whether others have the same fields: whoever changes its own first takes some of its own. */
  #isShared = true
  /** Names and values in turn, as long as nothing changes. */
  #flat: readonly string[] | undefined

  /**
   * @param init names and values: an object, pairs, or other headers. An array as a value is several lines; of pairs with the same
   *   name the last counts
   */
  constructor(init?: HeadersInit) {
    if (init !== undefined) this.update(init)
  }

  /**
   * Headers from names and values in turn, as they come off the wire.
   *
   * @throws {RangeError} if there is a name without a value
   */
  static fromRaw(flat: readonly string[]): CaseInsensitiveDict {
    if (flat.length % 2 !== 0) {
      throw new RangeError(`Expected \`flat\` to be names and values in turn, got ${flat.length} of them`)
    }
    const headers = new CaseInsensitiveDict()
    for (let index = 0; index < flat.length; index += 2) headers.append(flat[index]!, flat[index + 1]!)
    return headers
  }

  /** How many different names there are. */
  get size(): number {
    return this.#fields.size
  }

  /** Every line as it came: name and value, repeated names apart. */
  get raw(): [name: string, value: string][] {
    if (this.#lines !== undefined) return this.#lines.map(([name, value]) => [name, value])
    return [...this.#fields.values()].flatMap(({ name, values }) =>
      values.map((value): [string, string] => [name, value]),
    )
  }

  /** Names and values in turn, each line apart: what an engine writes. */
  toRaw(): readonly string[] {
    this.#flat ??= this.#flatten()
    return this.#flat
  }

  /** The value under a name in any case; `undefined` if it is absent. */
  get<Name extends string>(name: Name): HeaderValue<Name> | undefined
  /** The value under a name in any case; `fallback` if it is absent. */
  get<Name extends string, Fallback>(name: Name, fallback: Fallback): HeaderValue<Name> | Fallback
  get(name: string, fallback?: unknown): unknown {
    const key = keyOf(name)
    const field = this.#fields.get(key)
    return field === undefined ? fallback : read(key, field)
  }

  /** Every value under a name, in order; empty if it is absent. */
  getAll(name: string): string[] {
    return [...(this.#fields.get(keyOf(name))?.values ?? [])]
  }

  has(name: string): boolean {
    return this.#fields.has(keyOf(name))
  }

  /** Puts one value, or several lines, in place of what was there. The place in the order stays, the name's new case wins. */
  set(name: string, value: string | readonly string[]): this {
    const key = keyOf(name)
    if (typeof value !== 'string' && !Array.isArray(value))
      throw new TypeError(`Expected \`value\` to be a string or several, got ${show(value)}`)
    this.#own()
    const field: Field = { name, values: typeof value === 'string' ? [value] : [...value] }
    if (this.#lines !== undefined) {
      const first = this.#lines.findIndex(([known]) => known.toLowerCase() === key)
      const others = this.#lines.filter(([known]) => known.toLowerCase() !== key)
      const place = first < 0 ? others.length : first
      this.#lines = others.toSpliced(place, 0, ...field.values.map((line): [string, string] => [name, line]))
    }
    this.#fields.set(key, field)
    return this
  }

  /** Adds a line, keeping what is there. */
  append(name: string, value: string): this {
    const key = keyOf(name)
    this.#own()
    const field = this.#fields.get(key)
    if (field !== undefined) {
      this.#lines ??= this.raw
      field.values.push(value)
    } else {
      this.#fields.set(key, { name, values: [value] })
    }
    this.#lines?.push([name, value])
    return this
  }

  /** Removes a header; gives whether it was there. */
  delete(name: string): boolean {
    const key = keyOf(name)
    if (!this.#fields.has(key)) return false
    this.#own()
    this.#lines = this.#lines?.filter(([known]) => known.toLowerCase() !== key)
    return this.#fields.delete(key)
  }

  /** The value under a name; one that is absent is put in first (Python: dict.setdefault). */
  setdefault(name: string, value: string): string | string[] {
    if (!this.has(name)) this.set(name, value)
    return this.get<string>(name)!
  }

  /** Removes a header and gives its value; `fallback` if it was absent (Python: dict.pop). */
  pop<Fallback = undefined>(name: string, fallback?: Fallback): string | string[] | Fallback | undefined {
    const value = this.get<string, Fallback | undefined>(name, fallback)
    this.delete(name)
    return value
  }

  /** Removes all of them. */
  clear(): void {
    this.#own()
    this.#fields.clear()
    this.#lines = undefined
  }

  /** Sets everything that `other` has; values of its repeated names stay apart. */
  update(other: HeadersInit): this {
    if (other instanceof CaseInsensitiveDict) {
      for (const { name, values } of other.#fields.values()) this.set(name, values)
      return this
    }
    for (const [name, value] of pairsOf(other)) this.set(name, value)
    return this
  }

  /** The same headers, independent of these. */
  copy(): CaseInsensitiveDict {
    const copy = new CaseInsensitiveDict()
    copy.#fields = this.#fields
    copy.#lines = this.#lines
    this.#flat ??= this.#flatten()
    copy.#flat = this.#flat
    this.#isShared = true
    return copy
  }

  /** Gets ready to change. */
  #own(): void {
    this.#flat = undefined
    if (!this.#isShared) return
    this.#isShared = false
    const fields = new Map<string, Field>()
    for (const [key, { name, values }] of this.#fields) fields.set(key, { name, values: [...values] })
    this.#fields = fields
    this.#lines = this.#lines?.map(([name, value]) => [name, value])
  }

  #flatten(): string[] {
    const flat: string[] = []
    if (this.#lines !== undefined) {
      for (const [name, value] of this.#lines) flat.push(name, value)
      return flat
    }
    for (const { name, values } of this.#fields.values()) {
      for (const value of values) flat.push(name, value)
    }
    return flat
  }

  /** Whether both have the same names, in any case and order, with the same values; nothing else equals headers. */
  equals(other: unknown): boolean {
    if (!isHeadersInit(other)) return false
    const others = other instanceof CaseInsensitiveDict ? other : new CaseInsensitiveDict(other)
    if (others.size !== this.size) return false
    for (const [key, field] of this.#fields) {
      const twin = others.#fields.get(key)
      if (twin === undefined || String(read(key, twin)) !== String(read(key, field))) return false
    }
    return true
  }

  /** The names, in the case in which they were set last. */
  *keys(): Generator<string, void> {
    for (const { name } of this.#fields.values()) yield name
  }

  *values(): Generator<string | string[], void> {
    for (const [key, field] of this.#fields) yield read(key, field)
  }

  *entries(): Generator<[name: string, value: string | string[]], void> {
    for (const [key, field] of this.#fields) yield [field.name, read(key, field)]
  }

  /** The entries with their names in lower case. */
  *lowerItems(): Generator<[name: string, value: string | string[]], void> {
    for (const [key, field] of this.#fields) yield [key, read(key, field)]
  }

  [Symbol.iterator](): Generator<[name: string, value: string | string[]], void> {
    return this.entries()
  }

  /** An ordinary object, for printing and JSON. */
  toJSON(): Record<string, string | string[]> {
    return Object.fromEntries(this.entries())
  }

  [Symbol.for('nodejs.util.inspect.custom')](): Record<string, string | string[]> {
    return this.toJSON()
  }
}

function isHeadersInit(value: unknown): value is HeadersInit {
  return typeof value === 'object' && value !== null
}

function read(key: string, { values }: Field): string | string[] {
  if (key === 'set-cookie') return [...values]
  return values.length === 1 ? values[0]! : values.join(', ')
}

function keyOf(name: string): string {
  checkString(name, 'name')
  return name.toLowerCase()
}
