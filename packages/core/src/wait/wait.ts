import { Call } from '../engine/call.ts'
import { isOptions } from '../engine/check.ts'
import type { Operation, Suspension } from '../engine/suspension.ts'
import { getHub } from '../greenlet/hub.ts'
import { iwait, type Waitable, type WaitOptions } from './iwait.ts'
import type { Complete, InAnyOrder } from './joinall.ts'

/**
 * Waits for objects to become ready (gevent: wait). Without objects, waits until nothing is left to do, like `hub.join`.
 *
 * @param objects any objects with `rawlink` and `unlink`: greenlets, events, results, semaphores, processes. May be left out
 * @param options `timeout`: milliseconds, default no limit; `count`: how many objects to wait for, default all
 * @returns the ready objects, in the order in which they became ready; without objects, whether nothing is left to do
 * @example
 * const [first] = yield* wait([worker, event], { count: 1 })
 */
export function wait<const T extends readonly Waitable[]>(
  objects: T,
  options?: WaitOptions & Complete,
): Operation<InAnyOrder<T>>
export function wait<W extends Waitable>(objects: Iterable<W>, options?: WaitOptions): Operation<W[]>
export function wait(objects?: undefined, options?: WaitOptions): Operation<boolean>
export function wait(options: WaitOptions): Operation<boolean>
export function wait<W extends Waitable>(
  objects?: Iterable<W> | WaitOptions,
  options: WaitOptions = {},
): Operation<W[] | boolean> {
  const given = objects ?? options
  if (given === options || isOptions(given)) return getHub().join(given as WaitOptions)
  const iterator = iwait(given as Iterable<W>, options)
  return new Call<[typeof iterator], W[]>(collect, [iterator])
}

function* collect<W extends Waitable>(iterator: ReturnType<typeof iwait<W>>): Generator<Suspension, W[], unknown> {
  const ready: W[] = []
  try {
    for (;;) {
      const next = yield* iterator.next()
      if (next.done) return ready
      ready.push(next.value)
    }
  } finally {
    iterator.close()
  }
}
