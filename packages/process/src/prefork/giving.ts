import type { Operation, Suspension } from '@greenlit/core'
import { Answer } from './answer.ts'
import type { Handle } from './handle.ts'
import type { SetWorker } from './set-worker.ts'

/** What else is to happen when something is handed over. */
export interface AskOptions {
  /** Is called once the worker has it all, and the handle is gone here. */
  onSent?: (worker: SetWorker) => void
}

/** A set of workers, as far as things are given to it. */
interface Takers {
  untilRoom(): Operation<SetWorker>
  freeRoom(worker: SetWorker): void
}

/** Hands something to a worker; to another if that one is dead. */
export function* giveToOne(set: Takers, handle: Handle | undefined, message: Uint8Array | null) {
  const [worker] = yield* give(set, handle, message, false)
  return worker
}

/** Hands something to a worker, and waits for its answer. */
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
      // One that was started for this may die before it is ready; the next one would too.
      yield* worker.untilReady()
    } catch (error) {
      set.freeRoom(worker)
      throw error
    }
    if (yield* worker.give(handle, message, answer)) return [worker, answer]
  }
}
