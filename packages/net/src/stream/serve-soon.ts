import { beginBatch } from '@greenlit/core/engine'

/** What serves its reader a turn later. */
export interface LateServer {
  /** Serves the reader, if that was not done meanwhile. */
  serveNow(): void
}

/** Whose readers are promised a turn; two lists that take turns, since a list that begins anew grows anew. */
let promised: (LateServer | null)[] = []
let served: (LateServer | null)[] = []
let promises = 0

/**
 * Serves readers after Node has given out all that came in at once: what many greenlets send in one batch wakes their peers less
 * often, which is cheaper by more than the turn costs.
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
