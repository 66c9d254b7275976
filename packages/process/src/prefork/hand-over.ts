import type { Operation, Suspension } from '@greenlit/core'
import type { Handle } from './handle.ts'
import { Reply } from './reply.ts'
import type { SetWorker } from './set-worker.ts'

/** The options of `WorkerSet.ask`. */
export interface AskOptions {
  /** Called once the worker has received everything and the handle is closed in this process. */
  onSent?: ((worker: SetWorker) => void) | undefined
}

/** The part of a `WorkerSet` that hands out workers. */
interface WorkerSource {
  reserveWorker(): Operation<SetWorker>
  releaseWorker(worker: SetWorker): void
}

/** Hands a handle and a message to a worker, or to another one if it has died. */
export function* handOver(set: WorkerSource, handle: Handle | undefined, message: Uint8Array | null) {
  const [worker] = yield* send(set, handle, message, false)
  return worker
}

/** Hands a handle and a message to a worker and waits for its reply. */
export function* handOverAndWait(
  set: WorkerSource,
  handle: Handle | undefined,
  message: Uint8Array | null,
  { onSent }: AskOptions,
) {
  const [worker, reply] = yield* send(set, handle, message, true)
  onSent?.(worker)
  return yield* reply.get()
}

function* send(
  set: WorkerSource,
  handle: Handle | undefined,
  message: Uint8Array | null,
  isAwaited: boolean,
): Generator<Suspension, [SetWorker, Reply], unknown> {
  for (;;) {
    const worker = yield* set.reserveWorker()
    const reply = new Reply(isAwaited)
    try {
      // A worker that was started for this may die before it is ready. Its successor would too, so that is not retried.
      yield* worker.untilReady()
    } catch (error) {
      set.releaseWorker(worker)
      throw error
    }
    if (yield* worker.handOver(handle, message, reply)) return [worker, reply]
  }
}
