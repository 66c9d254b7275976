import { show } from '@greenlit/core/engine'
import { checkString } from '../check-argument.ts'
import { pairsOf } from './pairs-of.ts'

/** The values that headers can be created from. */
export type HeadersInit =
  | CaseInsensitiveDict
  | Iterable<readonly [name: string, value: string]>
  | Readonly<Record<string, string | readonly string[]>>

/** The type of a header's value: `Set-Cookie` is an array, since its values cannot be joined; any other header is a string. */
export type HeaderValue<Name extends string> = Lowercase<Name> extends 'set-cookie' ? string[] : string

interface Field {
  name: string
  readonly values: string[]
}

/** The fields of every new dict, shared until it changes. */
const NOTHING = new Map<string, Field>()

/**
 * Headers with case-insensitive names, which keeps their order and case (requests: CaseInsensitiveDict). A header with several lines
 * reads as one value, joined by `, `, except `Set-Cookie`, which is an array (RFC 9110 section 5.3).
 *
 * @example
 * const headers = new CaseInsensitiveDict({ 'Content-Type': 'text/html' })
 * headers.get('CONTENT-TYPE') // 'text/html'
 * headers.set('content-type', 'text/plain')
 * headers.raw // [['content-type', 'text/plain']]
 */
export class CaseInsensitiveDict implements Iterable<[string, string | string[]]> {
  #fields: Map<string, Field> = NOTHING
  /** Every line in order, once the lines of a name are not adjacent; `undefined` while `#fields` has the order. */
  #lines: [string, string][] | undefined
  /** Whether the fields are shared with other dicts: they are copied before the first change. */
  #isShared = true
  /** The cached result of `toRaw`, until something changes. */
  #flat: readonly string[] | undefined

  /**
   * @param init names and values: an object, pairs, or other headers. An array as a value stands for several lines; of several pairs
   *   with the same name the last one wins
   */
  constructor(init?: HeadersInit) {
    if (init !== undefined) this.update(init)
  }

  /**
   * Creates headers from alternating names and values, as received.
   *
   * @throws {RangeError} if the length of the array is odd
   */
  static fromRaw(flat: readonly string[]): CaseInsensitiveDict {
    if (flat.length % 2 !== 0) {
      throw new RangeError(`Expected \`flat\` to be names and values in turn, got ${flat.length} of them`)
    }
    const headers = new CaseInsensitiveDict()
    for (let index = 0; index < flat.length; index += 2) headers.append(flat[index]!, flat[index + 1]!)
    return headers
  }

  /** The number of distinct names. */
  get size(): number {
    return this.#fields.size
  }

  /** Every line as a name and value, with repeated names kept apart. */
  get raw(): [name: string, value: string][] {
    if (this.#lines !== undefined) return this.#lines.map(([name, value]) => [name, value])
    return [...this.#fields.values()].flatMap(({ name, values }) =>
      values.map((value): [string, string] => [name, value]),
    )
  }

  /** Alternating names and values, one pair for each line: the form that engines send. */
  toRaw(): readonly string[] {
    this.#flat ??= this.#flatten()
    return this.#flat
  }

  /** Returns the value of a header; `undefined` if it is absent. */
  get<Name extends string>(name: Name): HeaderValue<Name> | undefined
  /** Returns the value of a header; `fallback` if it is absent. */
  get<Name extends string, Fallback>(name: Name, fallback: Fallback): HeaderValue<Name> | Fallback
  get(name: string, fallback?: unknown): unknown {
    const key = keyOf(name)
    const field = this.#fields.get(key)
    return field === undefined ? fallback : read(key, field)
  }

  /** Returns every value of a header, in order; empty if it is absent. */
  getAll(name: string): string[] {
    return [...(this.#fields.get(keyOf(name))?.values ?? [])]
  }

  has(name: string): boolean {
    return this.#fields.has(keyOf(name))
  }

  /** Sets a header to one value, or to several lines. An existing header keeps its place in the order, and takes the new case. */
  set(name: string, value: string | readonly string[]): this {
    const key = keyOf(name)
    if (typeof value !== 'string' && !Array.isArray(value))
      throw new TypeError(`Expected \`value\` to be a string or several, got ${show(value)}`)
    this.#unshare()
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

  /** Adds a line, keeping existing ones. */
  append(name: string, value: string): this {
    const key = keyOf(name)
    this.#unshare()
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

  /** Removes a header; returns whether it was present. */
  delete(name: string): boolean {
    const key = keyOf(name)
    if (!this.#fields.has(key)) return false
    this.#unshare()
    this.#lines = this.#lines?.filter(([known]) => known.toLowerCase() !== key)
    return this.#fields.delete(key)
  }

  /** Returns the value of a header, after setting it to `value` if it is absent (Python: dict.setdefault). */
  setdefault(name: string, value: string): string | string[] {
    if (!this.has(name)) this.set(name, value)
    return this.get<string>(name)!
  }

  /** Removes a header and returns its value; `fallback` if it was absent (Python: dict.pop). */
  pop<Fallback = undefined>(name: string, fallback?: Fallback): string | string[] | Fallback | undefined {
    const value = this.get<string, Fallback | undefined>(name, fallback)
    this.delete(name)
    return value
  }

  /** Removes all headers. */
  clear(): void {
    this.#unshare()
    this.#fields.clear()
    this.#lines = undefined
  }

  /** Sets every header of `other`; several values of one name stay separate lines. */
  update(other: HeadersInit): this {
    if (other instanceof CaseInsensitiveDict) {
      for (const { name, values } of other.#fields.values()) this.set(name, values)
      return this
    }
    for (const [name, value] of pairsOf(other)) this.set(name, value)
    return this
  }

  /** Returns an independent copy. */
  copy(): CaseInsensitiveDict {
    const copy = new CaseInsensitiveDict()
    copy.#fields = this.#fields
    copy.#lines = this.#lines
    this.#flat ??= this.#flatten()
    copy.#flat = this.#flat
    this.#isShared = true
    return copy
  }

  /** Prepares for a change: copies shared fields. */
  #unshare(): void {
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

  /** Whether `other` has the same names, in any case and order, with the same values. Anything that is not headers is unequal. */
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

  /** The names, in the case in which they were last set. */
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

  /** Returns a plain object, for printing and JSON. */
  toJSON(): Record<string, string | string[]> {
    return Object.fromEntries(this.entries())
  }

  toString(): string {
    return JSON.stringify(this)
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
