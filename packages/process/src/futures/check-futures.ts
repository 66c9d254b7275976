import { show } from '@greenlit/core/engine'
import { Future } from './future.ts'

/** Checks an iterable of futures and removes duplicates. */
export function checkFutures<F extends Future<unknown>>(futures: Iterable<F>): Set<F> {
  const given = futures as Iterable<F> | undefined | null
  if (typeof given?.[Symbol.iterator] !== 'function' || given instanceof Future)
    throw new TypeError(`Expected \`futures\` to be iterable, got ${show(given)}`)
  const all = new Set<F>(given)
  for (const future of all)
    if (!(future instanceof Future)) throw new TypeError(`Expected \`futures\` to hold futures, got ${show(future)}`)
  return all
}
