import { checkBound, checkIterable, checkOptions, checkTimeoutFromZero, type TimeLimit } from '../engine/check.ts'

/** Options of `put`, `get` and `peek`. */
export interface QueueOptions {
  /** Whether to wait. Default true. */
  block?: boolean | undefined
  /**
   * How long to wait, in milliseconds, not negative; a `Timeout` raises itself when it expires. Default: no limit. Ignored if `block`
   * is false.
   */
  timeout?: TimeLimit
}

/** Validates the options of a queue call, and returns how long it may wait; 0 means not at all. */
export function limitOf(options: QueueOptions | undefined): TimeLimit {
  if (options === undefined) return undefined
  const { block, timeout } = checkOptions(options)
  return block === false ? 0 : checkTimeoutFromZero(timeout)
}

/** Validates the maximum size of a queue; 0 or less means unbounded. */
export function checkMaxsize(maxsize: unknown): number {
  return (typeof maxsize === 'number' && maxsize <= 0 ? undefined : checkBound(maxsize, 'maxsize')) ?? Infinity
}

/** Lists the initial items of a queue. */
export function listItems<T>(options: { items?: Iterable<T> | undefined } | undefined): T[] {
  const { items } = checkOptions(options)
  return items === undefined || items === null ? [] : checkIterable(items, 'items')
}
