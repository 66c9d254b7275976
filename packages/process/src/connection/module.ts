import { type Operation, type Suspension, type Waitable, wait as waitFor } from '@greenlit/core'
import { Call, checkIterable, type TimeLimit, timeoutOf } from '@greenlit/core/engine'

export { Connection } from './connection.ts'
export { Pipe } from './pipe.ts'

/**
 * Waits until one of several connections has something to receive, or one of several processes has ended (Python:
 * multiprocessing.connection.wait).
 *
 * @param objects connections, sentinels, processes, or anything else that `wait` takes
 * @param options `timeout`: milliseconds, default none
 * @returns the objects that are ready; none on expiry
 * @example
 * for (const ready of yield* connection.wait([first, second, worker.sentinel])) {
 *   if (ready === first) console.log(yield* first.recv())
 * }
 */
export function wait<W extends Waitable>(objects: Iterable<W>, options: { timeout?: TimeLimit } = {}): Operation<W[]> {
  return new Call<[W[], TimeLimit], W[]>(waitForAny, [checkIterable(objects, 'objects'), timeoutOf(options)])
}

function* waitForAny<W extends Waitable>(objects: W[], timeout: TimeLimit): Generator<Suspension, W[], unknown> {
  const [first] = yield* waitFor(objects, { timeout, count: 1 })
  if (first === undefined) return []
  // Any other object that is already ready reports it within the hub's next turn.
  const others = yield* waitFor(
    objects.filter((object) => object !== first),
    { timeout: 1 },
  )
  return objects.filter((object) => object === first || others.includes(object))
}
