import { isObject, isPlain } from './values.ts'

/** The things that views show, by view. */
export const originals = new WeakMap<object, object>()

/** The thing that a view shows; anything else is itself. */
export function originalOf<T>(value: T): T {
  return isObject(value) ? ((originals.get(value) as T | undefined) ?? value) : value
}

/**
 * Has something that was made of a view stand for the thing, as a view does: `original` gives the thing back, and methods that are
 * called on it are called on the thing.
 */
export function standFor(thing: object, view: object): void {
  originals.set(view, thing)
}

/** An argument as the target takes it: the things themselves in place of views, also right inside options and lists. */
export function unwrapped(value: unknown): unknown {
  const original = originalOf(value)
  if (original !== value) return original
  if (Array.isArray(value)) return value.some(isView) ? value.map(originalOf) : value
  if (!isPlain(value) || !Object.values(value).some(isView)) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, originalOf(held)]))
}

function isView(value: unknown): boolean {
  return isObject(value) && originals.has(value)
}
