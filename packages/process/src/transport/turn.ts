import { beginBatch } from '@greenlit/core/engine'
import { CANCEL } from './protocol.ts'
import type { Header } from './transport.ts'

/** Something that has messages to write. */
interface Outgoing {
  write(): void
}

/** How many messages are written at once within a period. */
const MAX_PROMPT = 16
/** The period, in milliseconds: so long that the extra writes cost busy senders little. */
const PERIOD = 20

const resolved = Promise.resolve()
const due: Outgoing[] = []
let receiving = false
let handling = false
let scheduled = false
let promptLeft = MAX_PROMPT
let periodBegan = 0

/**
 * Whether to write a message at once: its sender may go on to compute, so that the turn does not end for long. Only a few in a period
 * are, because a write costs more than a message. Replies to messages that have just arrived are not, as a write follows; nor is a
 * cancellation, so that requests cancelled together have the same end.
 */
export function isPrompt([, , kind]: Header): boolean {
  if (handling || kind === CANCEL) return false
  if (promptLeft === 0) {
    const now = performance.now()
    if (now - periodBegan < PERIOD) return false
    periodBegan = now
    promptLeft = MAX_PROMPT
  }
  promptLeft -= 1
  return true
}

/** Schedules a write at the end of this turn of the event loop, so that everything sent until then goes out together. */
export function writeAtEndOfTurn(outgoing: Outgoing): void {
  due.push(outgoing)
  if (receiving || scheduled) return
  scheduled = true
  resolved.then(writeAll)
}

/**
 * Handles arrived data. What is sent meanwhile goes out together; then the greenlets that the data wakes run, before this returns,
 * and what they send goes out too.
 */
export function receiveInTurn<A>(receive: (arrived: A) => void, arrived: A): void {
  const outer = receiving
  receiving = true
  try {
    beginBatch(handle<A>, [receive, arrived] as const)
  } finally {
    receiving = outer
    if (!receiving) writeAll()
  }
}

function handle<A>([receive, arrived]: readonly [receive: (arrived: A) => void, arrived: A]): void {
  handling = true
  try {
    receive(arrived)
  } finally {
    handling = false
    writeAll()
  }
}

function writeAll(): void {
  scheduled = false
  for (let outgoing = due.shift(); outgoing !== undefined; outgoing = due.shift()) outgoing.write()
}
