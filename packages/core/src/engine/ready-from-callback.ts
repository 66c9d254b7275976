import { loop } from './loop.ts'
import type { RunQueueNode } from './run-queue.ts'
import { runtime } from './runtime.ts'

/** Like `loop.ready`, for a promise callback: its stack is as clean as a microtask's, so the node may run immediately. */
export function readyFromCallback(node: RunQueueNode): void {
  if (runtime.current !== null || loop.draining || loop.scheduled || loop.context !== null || loop.isBusy()) {
    loop.ready(node)
  } else {
    loop.draining = true
    loop.batches += 1
    node._runInHub()
    if (loop.queue.isEmpty) loop.endBatch()
    else loop.drain()
  }
}
