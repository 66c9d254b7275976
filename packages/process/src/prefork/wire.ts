import { checkIsBytes, encode } from '../codec/payload.ts'

/** Apart from what a worker's own code may send over the same channel. */
const MARK = 'greenlit:prefork'

/** The worker takes messages from now on. */
export const HELLO = 0
/** The worker may be given something. */
export const READY = 1
/** Something for the worker, with a number if it is to be answered, else 0. */
export const GIVE = 2
/** The worker has what has that number. */
export const GOT = 7
/** The worker is to end; the number is how long it may take, or -1. */
export const END = 3
/** The worker is done with what has that number. */
export const DONE = 4
/** The worker has failed with what has that number. */
export const FAILED = 5
/** The worker says something by itself. */
export const SAY = 6

/**
 * What a worker and its parent tell each other. It goes over Node's own channel, as handles do, so that all stays in order: a worker
 * is not told to end before it has what was given to it.
 */
export type Wire = readonly [mark: typeof MARK, kind: number, number: number, bytes: Uint8Array | null]

/** Makes a message. */
export function wire(kind: number, number: number, bytes: Uint8Array | null): Wire {
  return [MARK, kind, number, bytes]
}

/** Whether something that came is a message. */
export function isWire(message: unknown): message is Wire {
  return Array.isArray(message) && message[0] === MARK
}

/** Makes something to say into bytes. */
export function encodeMessage(message: unknown): Uint8Array | null {
  return message === undefined ? null : encodeForProcess(message)
}

/** Makes into bytes what goes to another process. */
export function encodeForProcess(message: unknown): Uint8Array {
  const payload = encode(message)
  checkIsBytes(payload)
  return payload.bytes
}
