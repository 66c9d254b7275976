import { loop } from './loop.ts'
import type { RunQueueNode } from './run-queue.ts'

/** Like `loop.ready`, for a promise callback: its stack is as clean as a microtask's, so the node may run immediately. */
export function readyFromCallback(node: RunQueueNode): void {
  if (loop.draining || loop.scheduled) {
    loop.queue.push(node)
  } else if (loop.isBusy()) {
    loop.queue.push(node)
    loop.drainLater()
  } else if (loop.context !== null) {
    loop.queue.push(node)
    loop.drain()
  } else {
    loop.draining = true
    loop.batches += 1
    node._runInHub()
    if (loop.queue.isEmpty) loop.endBatch()
    else loop.drain()
  }
}
