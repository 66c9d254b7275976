import type { Operation, Suspension } from '@greenlit/core'
import { Answer } from './answer.ts'
import type { Handle } from './handle.ts'
import type { SetWorker } from './set-worker.ts'

/** The options of `WorkerSet.ask`. */
export interface AskOptions {
  /** Called once the worker has received everything and the handle is closed in this process. */
  onSent?: (worker: SetWorker) => void
}

/** The part of a `WorkerSet` that hands out workers. */
interface Takers {
  untilRoom(): Operation<SetWorker>
  freeRoom(worker: SetWorker): void
}

/** Hands a handle and a message to a worker, or to another one if it has died. */
export function* giveToOne(set: Takers, handle: Handle | undefined, message: Uint8Array | null) {
  const [worker] = yield* give(set, handle, message, false)
  return worker
}

/** Hands a handle and a message to a worker and waits for its reply. */
export function* giveAndWait(
  set: Takers,
  handle: Handle | undefined,
  message: Uint8Array | null,
  { onSent }: AskOptions,
) {
  const [worker, answer] = yield* give(set, handle, message, true)
  onSent?.(worker)
  return yield* answer.get()
}

function* give(
  set: Takers,
  handle: Handle | undefined,
  message: Uint8Array | null,
  isAsked: boolean,
): Generator<Suspension, [SetWorker, Answer], unknown> {
  for (;;) {
    const worker = yield* set.untilRoom()
    const answer = new Answer(isAsked)
    try {
      // A worker that was started for this may die before it is ready. Its successor would too, so that is not retried.
      yield* worker.untilReady()
    } catch (error) {
      set.freeRoom(worker)
      throw error
    }
    if (yield* worker.give(handle, message, answer)) return [worker, answer]
  }
}
