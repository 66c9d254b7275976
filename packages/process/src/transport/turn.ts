import { beginBatch } from '@greenlit/core/engine'

/** Something that has messages to write. */
interface Outgoing {
  write(): void
}

const resolved = Promise.resolve()
const due: Outgoing[] = []
let receiving = false
let scheduled = false

/** Schedules a write at the end of this turn of the event loop, so that everything sent until then goes out together. */
export function writeAtEndOfTurn(outgoing: Outgoing): void {
  due.push(outgoing)
  if (receiving || scheduled) return
  scheduled = true
  resolved.then(writeAll)
}

/** Handles arrived data. The greenlets that it wakes run before this returns, and what they send goes out at once. */
export function receiveInTurn<A>(receive: (arrived: A) => void, arrived: A): void {
  const outer = receiving
  receiving = true
  try {
    beginBatch(receive, arrived)
  } finally {
    receiving = outer
    if (!receiving) writeAll()
  }
}

function writeAll(): void {
  scheduled = false
  for (let outgoing = due.shift(); outgoing !== undefined; outgoing = due.shift()) outgoing.write()
}
