import { checkIterable, checkOptions, checkTimeoutFromZero, checkWhole, type TimeLimit } from '../engine/check.ts'

/** How to put into, or get from, a queue. */
export interface QueueOptions {
  /** Whether to wait. Default true. */
  block?: boolean
  /** How long to wait, in milliseconds from 0 up; a `Timeout` raises itself then. Default without end; not used without `block`. */
  timeout?: TimeLimit
}

/** Checks how long a call on a queue may wait; 0 is not at all. */
export function limitOf(options: QueueOptions | undefined): TimeLimit {
  if (options === undefined) return undefined
  const { block, timeout } = checkOptions(options)
  return block === false ? 0 : checkTimeoutFromZero(timeout)
}

/** Checks how many items a queue has room for; none or less is without bound. */
export function checkMaxsize(maxsize: unknown): number {
  if (maxsize === undefined || maxsize === null) return Infinity
  return maxsize === Infinity || (typeof maxsize === 'number' && maxsize <= 0)
    ? Infinity
    : checkWhole(maxsize, 'maxsize', 0)
}

/** Lists what is in a queue at first. */
export function listItems<T>(options: { items?: Iterable<T> | undefined } | undefined): T[] {
  const { items } = checkOptions(options)
  return items === undefined || items === null ? [] : checkIterable(items, 'items')
}
