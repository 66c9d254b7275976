import { beginBatch } from '@greenlit/core/engine'

/** A transport that serves its reader with a delay. */
export interface DeferredServer {
  /** Serves the reader, unless that has happened in the meantime. */
  serveNow(): void
}

/** The transports whose readers are due. Two arrays alternate, since a fresh one would have to grow again each time. */
let due: (DeferredServer | null)[] = []
let serving: (DeferredServer | null)[] = []
let dueCount = 0

/**
 * Queues a transport's reader to be served once Node has delivered everything it read in this turn. When many greenlets send in one
 * batch, their peers then wake up less often, which saves more than the delay costs.
 */
export function serveSoon(transport: DeferredServer): void {
  due[dueCount] = transport
  dueCount += 1
  if (dueCount === 1) setImmediate(serveDue)
}

function serveDue(): void {
  const count = dueCount
  const transports = due
  due = serving
  serving = transports
  dueCount = 0
  beginBatch(serveEach, count)
}

function serveEach(count: number): void {
  const transports = serving
  for (let index = 0; index < count; index += 1) {
    const transport = transports[index]!
    transports[index] = null
    transport.serveNow()
  }
}
