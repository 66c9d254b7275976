import { type Operation, type Suspension, type Waitable, wait as waitFor } from '@greenlit/core'
import { Call, checkIterable, type TimeLimit, timeoutOf } from '@greenlit/core/engine'
import { WaitableObject } from '../shared/waitable-object.ts'

export { Connection } from './connection.ts'
export { Pipe } from './pipe.ts'

/**
 * Waits until one of several connections has something to receive, or one of several processes has ended (Python:
 * multiprocessing.connection.wait).
 *
 * @param objects connections, sentinels, processes, or anything else that `wait` takes
 * @param options `timeout`: milliseconds, default none; 0 only looks
 * @returns all objects that are ready, in the given order; none on expiry
 * @example
 * for (const ready of yield* connection.wait([first, second, worker.sentinel])) {
 *   if (ready === first) console.log(yield* first.recv())
 * }
 */
export function wait<W extends Waitable>(objects: Iterable<W>, options: { timeout?: TimeLimit } = {}): Operation<W[]> {
  return new Call<[W[], TimeLimit], W[]>(waitForAny, [checkIterable(objects, 'objects'), timeoutOf(options)])
}

function* waitForAny<W extends Waitable>(objects: W[], timeout: TimeLimit): Generator<Suspension, W[], unknown> {
  if (typeof timeout === 'number' && timeout <= 0) return yield* readyNow(objects)
  const [first] = yield* waitFor(objects, { timeout, count: 1 })
  if (first === undefined) return []
  const others = yield* readyNow(objects.filter((object) => object !== first))
  return objects.filter((object) => object === first || others.includes(object))
}

function* readyNow<W extends Waitable>(objects: W[]): Generator<Suspension, W[], unknown> {
  const probes = objects.filter((object) => object instanceof WaitableObject).map((object) => new Probe(object))
  const others = objects.filter((object) => !(object instanceof WaitableObject))
  // What is in this process and ready reports it within the hub's next turn.
  const ready: Waitable[] = yield* waitFor(others, { timeout: 1 })
  yield* waitFor(probes)
  for (const { object, isReady } of probes) if (isReady) ready.push(object)
  return objects.filter((object) => ready.includes(object))
}

/** Is ready once it is known whether a shared object is ready now. */
class Probe implements Waitable {
  readonly object: WaitableObject
  isReady = false
  private giveUp: (() => void) | undefined = undefined

  constructor(object: WaitableObject) {
    this.object = object
  }

  rawlink(callback: (source: unknown) => unknown): void {
    this.giveUp = this.object.probe((isReady) => {
      this.isReady = isReady
      callback(this)
    })
  }

  unlink(): void {
    this.giveUp?.()
  }
}
