import { isObject, isPlain } from './values.ts'

/** The original of each view. */
export const originals = new WeakMap<object, object>()

/** Returns the original of a view; any other value as it is. */
export function originalOf<T>(value: T): T {
  return isObject(value) ? ((originals.get(value) as T | undefined) ?? value) : value
}

/**
 * Makes an object derived from a view stand for the original, as a view does: `original` returns the original, and methods called
 * on the object are called on the original.
 *
 * @example
 * const view = { get: (key: string) => cache.get(key) }
 * standFor(cache, view)
 * original(view) === cache // true
 */
export function standFor(thing: object, view: object): void {
  originals.set(view, thing)
}

/** An argument as the target takes it, with originals in place of views, including those directly inside options and lists. */
export function unwrapped(value: unknown): unknown {
  const original = originalOf(value)
  if (original !== value) return original
  if (Array.isArray(value)) return value.some(isView) ? value.map(originalOf) : value
  if (!isPlain(value) || !Object.values(value).some(isView)) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, originalOf(held)]))
}

function isView(value: unknown): boolean {
  return originalOf(value) !== value
}
