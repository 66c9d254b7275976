import { iwait, type Operation, type Suspension } from '@greenlit/core'
import { Call, checkOptions, show, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { checkFutures } from './check-futures.ts'
import type { Future } from './future.ts'

/** `wait` returns when any future is done. */
export const FIRST_COMPLETED = 'FIRST_COMPLETED'
/** `wait` returns when any future has failed, or all are done. */
export const FIRST_EXCEPTION = 'FIRST_EXCEPTION'
/** `wait` returns when all futures are done. */
export const ALL_COMPLETED = 'ALL_COMPLETED'

/** When `wait` returns. */
export type ReturnWhen = typeof FIRST_COMPLETED | typeof FIRST_EXCEPTION | typeof ALL_COMPLETED

/** The result of `wait`, as a tuple or by name: the futures that are done (finished or cancelled), and the others. */
export type DoneAndNotDoneFutures<F> = readonly [done: Set<F>, notDone: Set<F>] & {
  readonly done: Set<F>
  readonly notDone: Set<F>
}

const CONDITIONS: readonly unknown[] = [FIRST_COMPLETED, FIRST_EXCEPTION, ALL_COMPLETED]

/**
 * Waits for futures (concurrent.futures.wait). Duplicates count once; cancelled futures count as done.
 *
 * @param futures the futures, of any executors
 * @param options `timeout`: milliseconds, unlimited by default; when it expires, `wait` returns without an error. `returnWhen`:
 *   `FIRST_COMPLETED`, `FIRST_EXCEPTION` or `ALL_COMPLETED` (the default)
 * @throws {TypeError} immediately, if an item is not a future; {RangeError} for any other `returnWhen`
 * @example
 * const { done, notDone } = yield* wait(futures, { returnWhen: FIRST_COMPLETED })
 */
export function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options?: { timeout?: TimeLimit; returnWhen?: ReturnWhen | undefined },
): Operation<DoneAndNotDoneFutures<F>> {
  const { returnWhen = ALL_COMPLETED } = checkOptions(options)
  if (!CONDITIONS.includes(returnWhen))
    throw new RangeError(`Expected \`returnWhen\` to be one of ${CONDITIONS.join(', ')}, got ${show(returnWhen)}`)
  const args: Parameters<typeof waitUntil<F>> = [checkFutures(futures), timeoutOf(options), returnWhen]
  return new Call<typeof args, DoneAndNotDoneFutures<F>>(waitUntil, args)
}

function* waitUntil<F extends Future<unknown>>(
  futures: ReadonlySet<F>,
  timeout: TimeLimit,
  returnWhen: ReturnWhen,
): Generator<Suspension, DoneAndNotDoneFutures<F>, unknown> {
  const notDone = [...futures].filter((future) => !future.done())
  const ended = [...futures].filter((future) => future.done())
  const suffices = (future: F) => returnWhen === FIRST_COMPLETED || (returnWhen === FIRST_EXCEPTION && future.failed)
  if (!ended.some(suffices)) {
    const arrivals = iwait(notDone, { timeout })
    try {
      for (;;) {
        const next = yield* arrivals.next()
        if (next.done || suffices(next.value)) break
      }
    } finally {
      arrivals.close()
    }
  }
  const done = new Set([...futures].filter((future) => future.done()))
  const others = new Set([...futures].filter((future) => !done.has(future)))
  return Object.assign([done, others] as const, { done, notDone: others })
}
