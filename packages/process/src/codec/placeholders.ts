import { SerializationError } from '../errors/process-error.ts'
import { type ErrorData, errorData, errorFrom, fillError } from './errors.ts'
import { type ExtraRef, Extras, extraAt, Transfer, type Transferable } from './extras.ts'
import { registrationNamed, registrationOf } from './registry.ts'
import {
  isShared,
  moveShared,
  recallShared,
  referenceTo,
  reviveShared,
  type Shareable,
  type SharedReference,
} from './shared.ts'

const ERROR = 0
const SHARED = 1
const REGISTERED = 2
const EXTRA = 3

/**
 * Stands in an encoded value for something that the serializer cannot write: an error, a shared object, an instance of a registered
 * class. Its marker, which takes the thing's place in the value, is an empty object; being listed in `placeholders`
 * distinguishes it from the user's own objects.
 */
type Placeholder = [marker: object, kind: number, name: string, data: unknown]

/** A value with placeholders, in its encoded form. */
export interface WithPlaceholders {
  readonly value: unknown
  readonly placeholders: readonly Placeholder[]
}

/** Whether anything in a value needs a placeholder. */
export function needsPlaceholders(value: unknown, seen: Set<object> | undefined = undefined): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (ArrayBuffer.isView(value)) return value.buffer instanceof SharedArrayBuffer
  if (seen?.has(value)) return false
  const visited = seen ?? new Set()
  visited.add(value)
  if (Array.isArray(value)) return anyNeedsPlaceholders(value, visited)
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype !== Object.prototype && prototype !== null) {
    if (isReplaced(value, prototype)) return true
    if (value instanceof Map) {
      return anyNeedsPlaceholders(value.keys(), visited) || anyNeedsPlaceholders(value.values(), visited)
    }
    if (value instanceof Set) return anyNeedsPlaceholders(value, visited)
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object' && item !== null && needsPlaceholders(item, visited)) return true
  }
  return false
}

function anyNeedsPlaceholders(items: Iterable<unknown>, visited: Set<object>): boolean {
  for (const item of items) if (typeof item === 'object' && needsPlaceholders(item, visited)) return true
  return false
}

/** Whether an object that is not plain is itself replaced by a placeholder. */
function isReplaced(value: object, prototype: object): boolean {
  return (
    value instanceof Error ||
    value instanceof Transfer ||
    value instanceof SharedArrayBuffer ||
    isShared(value) ||
    registrationOf(prototype) !== undefined
  )
}

/** Copies a value, with a placeholder for each thing that needs one. */
export class PlaceholderMaker {
  readonly placeholders: Placeholder[] = []
  private readonly copies = new Map<object, unknown>()
  private readonly shared: [object: Shareable, reference: SharedReference][] = []
  private readonly destination: string | undefined
  private readonly carrier: string | undefined
  private readonly extras = new Extras()

  /**
   * @param destination the process that the value is sent to, if known
   * @param carrier otherwise, the process that keeps it until it is received, if known
   */
  constructor(destination: string | undefined, carrier: string | undefined) {
    this.destination = destination
    this.carrier = carrier
  }

  /** The parts that are sent out of band. */
  get outOfBand(): readonly unknown[] {
    return this.extras.list
  }

  /** Those of them that are transferred. */
  get transfers(): readonly Transferable[] {
    return this.extras.transfers
  }

  copy(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const known = this.copies.get(value)
    if (known !== undefined) return known
    if (value instanceof Transfer) {
      this.extras.addTransfers(value.transfers)
      return this.copy(value.value)
    }
    const extra = this.extras.refTo(value)
    if (extra !== undefined) return this.addPlaceholder(value, EXTRA, '', () => extra)
    if (ArrayBuffer.isView(value)) return value
    const prototype = Object.getPrototypeOf(value) as object | null
    if (Array.isArray(value)) return this.fill(value, new Array(value.length))
    if (prototype === Object.prototype || prototype === null) return this.fill(value, {})
    if (isShared(value)) return this.addPlaceholder(value, SHARED, '', () => this.share(value))
    if (value instanceof Error) return this.addPlaceholder(value, ERROR, '', () => this.copy(errorData(value)))
    const registered = registrationOf(prototype)
    if (registered !== undefined)
      return this.addPlaceholder(value, REGISTERED, registered.name, () => this.copy(registered.encode(value)))
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>()
      this.copies.set(value, copy)
      for (const [key, item] of value) copy.set(this.copy(key), this.copy(item))
      return copy
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>()
      this.copies.set(value, copy)
      for (const item of value) copy.add(this.copy(item))
      return copy
    }
    return isBuiltIn(value) ? value : this.fill(value, {})
  }

  private share(object: Shareable): SharedReference {
    const reference = referenceTo(object, this.destination, this.carrier)
    this.shared.push([object, reference])
    return reference
  }

  /** Whether the value has shared objects whose owners must be notified if the value is never received. */
  get isRecallable(): boolean {
    return this.shared.some(([object]) => object.recalled !== undefined)
  }

  /** Notifies the owners of its shared objects that the value will never be received. */
  recall(): void {
    for (const [object, reference] of this.shared) object.recalled?.(reference, this.destination)
  }

  private fill(value: object, copy: object): object {
    this.copies.set(value, copy)
    for (const key of Object.keys(value)) setOwn(copy, key, this.copy((value as Record<string, unknown>)[key]))
    return copy
  }

  private addPlaceholder(value: object, kind: number, name: string, data: () => unknown): object {
    const marker = {}
    this.copies.set(value, marker)
    const placeholder: Placeholder = [marker, kind, name, undefined]
    placeholder[3] = data()
    this.placeholders.push(placeholder)
    return marker
  }
}

/** Replaces the placeholders in a received value by what they stand for. The value is new, so it is changed in place. */
export class PlaceholderResolver {
  private readonly placeholders: Map<object, Placeholder>
  private readonly filled = new Map<object, unknown>()
  private readonly visited = new Set<object>()
  private readonly extras: readonly unknown[]

  constructor(placeholders: readonly Placeholder[], extras: readonly unknown[]) {
    this.extras = extras
    this.placeholders = new Map(placeholders.map((placeholder) => [placeholder[0], placeholder]))
  }

  fill(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    const placeholder = this.placeholders.get(value)
    if (placeholder !== undefined) return this.filled.has(value) ? this.filled.get(value) : this.revive(placeholder)
    if (this.visited.has(value)) return value
    this.visited.add(value)
    if (value instanceof Map) {
      const entries = [...value]
      value.clear()
      for (const [key, item] of entries) value.set(this.fill(key), this.fill(item))
    } else if (value instanceof Set) {
      const items = [...value]
      value.clear()
      for (const item of items) value.add(this.fill(item))
    } else {
      for (const key of Object.keys(value)) {
        const item = (value as Record<string, unknown>)[key]
        if (typeof item === 'object' && item !== null) setOwn(value, key, this.fill(item))
      }
    }
    return value
  }

  private revive([marker, kind, name, data]: Placeholder): unknown {
    if (kind === ERROR) {
      const error = errorFrom(data as ErrorData)
      this.filled.set(marker, error)
      fillError(error, this.fill((data as ErrorData).rest) as Record<string, unknown>)
      return error
    }
    let revived: unknown
    if (kind === EXTRA) {
      revived = extraAt(this.extras, data as ExtraRef)
    } else if (kind === SHARED) {
      revived = reviveShared(data as SharedReference)
    } else {
      const registered = registrationNamed(name)
      if (registered === undefined)
        throw new SerializationError(
          `Expected the class ${name} to be registered here too: load the module that calls registerClass`,
        )
      revived = registered.decode(this.fill(data))
    }
    this.filled.set(marker, revived)
    return revived
  }
}

/** Notifies the owners of the shared objects among the placeholders that the value will never be received. */
export function recallPlaceholders(placeholders: readonly Placeholder[]): void {
  for (const [, kind, , data] of placeholders) if (kind === SHARED) recallShared(data as SharedReference)
}

/** Notifies the owners of the shared objects among the placeholders that another process has got the value. */
export function movePlaceholders(placeholders: readonly Placeholder[], carrier: string): void {
  for (const [, kind, , data] of placeholders) if (kind === SHARED) moveShared(data as SharedReference, carrier)
}

/** Sets an own property, even one called `__proto__`. */
function setOwn(object: object, key: string, value: unknown): void {
  if (key !== '__proto__') (object as Record<string, unknown>)[key] = value
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

/** Whether the object is more than its properties; V8 then decides whether it can be sent. */
function isBuiltIn(value: object): boolean {
  return (
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof ArrayBuffer ||
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof Number ||
    value instanceof String ||
    value instanceof Boolean ||
    value instanceof MessagePort ||
    isNative(value)
  )
}

/** Whether it is a generator, an iterator, a WeakRef or the like, rather than an instance of a class written in JavaScript. */
function isNative(value: object): boolean {
  if (Object.prototype.toString.call(value) === '[object Object]') return false
  const { constructor: maker } = value as { constructor?: unknown }
  return typeof maker !== 'function' || /\[native code\] }$/.test(Function.prototype.toString.call(maker))
}
