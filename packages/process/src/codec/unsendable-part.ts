import { registrationOf } from './registry.ts'
import { isShared } from './shared.ts'

/**
 * Describes where in a value the first part that cannot be sent is, as a sentence for the end of an error message; '' if there is
 * nothing to say.
 */
export function describeUnsendablePart(value: unknown): string {
  try {
    const found = search(value, '', undefined, new Set())
    if (found === undefined || found.path === '') return ''
    return ` It is at ${found.path}${found.owner === undefined ? '' : `, in an object of ${found.owner}`}.`
  } catch {
    return ''
  }
}

interface Found {
  readonly path: string
  /** The class of the outermost class instance that contains it. */
  readonly owner: string | undefined
}

function search(value: unknown, path: string, owner: string | undefined, seen: Set<object>): Found | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return { path, owner }
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  seen.add(value)
  if (isUnsendable(value)) return { path, owner }
  if (isShared(value)) return undefined
  const within = owner ?? classOf(value)
  for (const [key, item] of entriesOf(value)) {
    const found = search(item, `${path}${key}`, within, seen)
    if (found !== undefined) return found
  }
  return undefined
}

function isUnsendable(value: object): boolean {
  if (registrationOf(Object.getPrototypeOf(value) as object)?.refuses) return true
  const isWeak = value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef
  return isWeak || value instanceof Promise || /Generator\]$/.test(Object.prototype.toString.call(value))
}

/** The name of its class, unless it is a plain object or one of JavaScript's own containers. */
function classOf(value: object): string | undefined {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === Object.prototype || prototype === null ? undefined : prototype.constructor.name
}

function* entriesOf(value: object): Generator<[key: string, item: unknown]> {
  if (value instanceof Map) for (const [key, item] of value) yield [`.get(${String(key)})`, item]
  if (value instanceof Set) for (const item of value) yield ['.values()', item]
  for (const key of Object.keys(value)) {
    // Getters are not called: they could do anything.
    yield [Array.isArray(value) ? `[${key}]` : `.${key}`, Object.getOwnPropertyDescriptor(value, key)?.value]
  }
}
