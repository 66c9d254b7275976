/** Values that only hold data and do no work that takes time, and generators, which are cooperative already. */
const DATA =
  /^\[object (Date|RegExp|(Weak)?(Map|Set)|WeakRef|Error|DOMException|\w*Array(Buffer)?|DataView|URL\w*|Headers|FormData|AbortSignal|Generator)\]$/
/** How deep plain objects are searched for functions, which the parts of a module may hold. */
const MAX_DEPTH = 3

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

/** Whether a value is a plain object, of this or another realm. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whether a function is declared `async`. */
export function isAsync(fn: object): boolean {
  return tagOf(fn) === '[object AsyncFunction]'
}

/** Plain objects known to hold only data: searching a large one again costs too much. */
const plainData = new WeakSet<object>()

/** Whether an object can do work: a function, an instance of a class, or a plain object that holds either. */
export function isResource(value: object, depth: number = MAX_DEPTH): boolean {
  if (typeof value === 'function') return true
  if (!isPlain(value)) return !DATA.test(tagOf(value))
  if (depth === 0 || plainData.has(value)) return false
  // Added before the search, so that a thousand parts that refer back to it are not a thousand searches.
  if (depth === MAX_DEPTH) plainData.add(value)
  for (const key of Object.keys(value)) {
    const held = Reflect.getOwnPropertyDescriptor(value, key)!
    if ('get' in held || (isObject(held.value) && isResource(held.value, depth - 1))) {
      plainData.delete(value)
      return true
    }
  }
  return false
}

export function tagOf(value: object): string {
  return Object.prototype.toString.call(value)
}
