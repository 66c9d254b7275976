import { show } from '../engine/check.ts'

/** The primitives that have an order. Objects whose `valueOf` returns one, such as a Date, are ordered by it. */
type Ordered = string | number | bigint | boolean

/**
 * Compares two values as Python does. Arrays compare like tuples: element by element, and a prefix comes before a longer array.
 * Elements that have no order, such as the payload after a priority, count as equal.
 *
 * @returns a negative number, 0, or a positive number
 * @throws {TypeError} if the two cannot be ordered
 */
export function pythonOrder(a: unknown, b: unknown, mayHaveNone?: boolean): number {
  // The fast path, for most priorities: several times as fast as what follows.
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

/** The kind of values that a value can be compared with; `undefined` if it has no order. */
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
    `Expected items that can be compared, got ${show(a)} and ${show(b)}: give the queue a \`key\` or \`compare\``,
  )
}
