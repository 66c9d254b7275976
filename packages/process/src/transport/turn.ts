import { beginBatch } from '@greenlit/core/engine'

/** Something that has messages to send. */
interface Outgoing {
  write(): void
}

const resolved = Promise.resolve()
const due: Outgoing[] = []
let taking = false
let scheduled = false

/** Has messages go out at the end of this turn of the event loop, together with what is sent until then. */
export function writeAtEndOfTurn(outgoing: Outgoing): void {
  due.push(outgoing)
  if (taking || scheduled) return
  scheduled = true
  resolved.then(writeAll)
}

/** Takes what has come. Whom that wakes runs before this returns, and what they send goes out at once. */
export function takeInTurn<A>(take: (arrived: A) => void, arrived: A): void {
  const outer = taking
  taking = true
  try {
    beginBatch(take, arrived)
  } finally {
    taking = outer
    if (!taking) writeAll()
  }
}

function writeAll(): void {
  scheduled = false
  for (let outgoing = due.shift(); outgoing !== undefined; outgoing = due.shift()) outgoing.write()
}
