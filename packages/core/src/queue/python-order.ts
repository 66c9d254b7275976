import { show } from '../engine/check.ts'

/** What has an order of its own: a number, string, bigint, boolean, what turns into one (a Date), or an array of these. */
type Ordered = string | number | bigint | boolean

/**
 * Compares as Python does: arrays as tuples, element by element, a shorter one before its continuations. Elements that have no
 * order, such as the payload after a priority, count as equal.
 *
 * @returns less than 0, 0, or more than 0
 * @throws {TypeError} if the two have no order among each other
 */
export function pythonOrder(a: unknown, b: unknown, mayHaveNone?: boolean): number {
  // As most priorities are: several times as fast as the rest.
  if ((typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string')) {
    if (a < b) return -1
    if (a > b) return 1
    if (a === b) return 0
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < a.length && index < b.length; index += 1) {
      const order = pythonOrder(a[index], b[index], true)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  const kind = kindOf(a)
  if (kind !== kindOf(b) || !(kind || mayHaveNone)) throw noOrder(a, b)
  if (!kind) return 0
  const left = a!.valueOf() as Ordered
  const right = b!.valueOf() as Ordered
  return left < right ? -1 : left > right ? 1 : 0
}

/** Checks that an item can be compared at all. */
export function checkOrder<T>(item: T): T {
  if (kindOf(item) === undefined) throw noOrder(item, item)
  return item
}

/** What it has an order among; `undefined` if it has none. */
function kindOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return 'array'
  const primitive = value?.valueOf()
  const type = typeof primitive
  if (type === 'string') return type
  return type === 'bigint' || type === 'boolean' || (type === 'number' && !Number.isNaN(primitive))
    ? 'number'
    : undefined
}

function noOrder(a: unknown, b: unknown): TypeError {
  return new TypeError(
    `Expected items that have an order among each other, got ${show(a)} and ${show(b)}: give the queue a \`key\` or \`compare\``,
  )
}
