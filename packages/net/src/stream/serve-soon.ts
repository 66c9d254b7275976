import { beginBatch } from '@greenlit/core/engine'

/** A transport that serves its reader with a delay. */
export interface LateServer {
  /** Serves the reader, unless that has happened in the meantime. */
  serveNow(): void
}

/** The transports whose readers are due. Two arrays alternate, since a fresh one would have to grow again each time. */
let promised: (LateServer | null)[] = []
let served: (LateServer | null)[] = []
let promises = 0

/**
 * Queues a transport's reader to be served once Node has delivered everything it read in this turn. When many greenlets send in one
 * batch, their peers then wake up less often, which saves more than the delay costs.
 */
export function serveSoon(transport: LateServer): void {
  promised[promises] = transport
  promises += 1
  if (promises === 1) setImmediate(servePromised)
}

function servePromised(): void {
  const count = promises
  const transports = promised
  promised = served
  served = transports
  promises = 0
  beginBatch(serveEach, count)
}

function serveEach(count: number): void {
  const transports = served
  for (let index = 0; index < count; index += 1) {
    const transport = transports[index]!
    transports[index] = null
    transport.serveNow()
  }
}
