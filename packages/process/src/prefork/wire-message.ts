import { checkIsBytes, encode } from '../codec/payload.ts'

/** Distinguishes these messages from those that a worker's own code may send over the same channel. */
const MARK = 'greenlit:prefork'

/** From the worker: it now listens for messages. */
export const HELLO = 0
/** From the worker: it is ready for work. */
export const READY = 1
/** To the worker: a message or handle, with a number if it must be confirmed and answered, otherwise 0. */
export const GIVE = 2
/** From the worker: it has received what has that number. */
export const RECEIVED = 7
/** To the worker: stop; the number is the timeout in milliseconds, or -1 for none. */
export const STOP = 3
/** From the worker: it has finished with what has that number. */
export const DONE = 4
/** From the worker: what has that number failed. */
export const FAILED = 5
/** From the worker: an unsolicited message. */
export const SAY = 6

/**
 * A message between a worker and its parent. Messages use Node's own IPC channel, as handles must, so that everything stays in
 * order: a worker is not told to stop before it has received what was handed to it.
 */
export type WireMessage = readonly [mark: typeof MARK, kind: number, number: number, bytes: Uint8Array | null]

/** Creates a message. */
export function wireMessage(kind: number, number: number, bytes: Uint8Array | null): WireMessage {
  return [MARK, kind, number, bytes]
}

/** Whether a received value is such a message. */
export function isWireMessage(message: unknown): message is WireMessage {
  return Array.isArray(message) && message[0] === MARK
}

/** Serializes a user's message; `null` stands for `undefined`. */
export function encodeMessage(message: unknown): Uint8Array | null {
  return message === undefined ? null : encodeForProcess(message)
}

/** Serializes a value for another process. Throws {SerializationError} if it could only be sent to a thread. */
export function encodeForProcess(message: unknown): Uint8Array {
  const payload = encode(message)
  checkIsBytes(payload)
  return payload.bytes
}
