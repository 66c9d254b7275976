import { checkWhole, show, wrongValue } from '@greenlit/core/engine'
import { decode, type Payload, rawBytes, recall } from '../codec/payload.ts'
import { BufferTooShort, TimeoutError } from '../errors/process-error.ts'

/** Returns the bytes to send, without a copy of binary data; a string is encoded as UTF-8. */
export function checkBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  if (typeof bytes === 'string') return Buffer.from(bytes)
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes instanceof ArrayBuffer || bytes instanceof SharedArrayBuffer) return new Uint8Array(bytes)
  throw new TypeError(`Expected \`bytes\` to be a Uint8Array or a string, got ${show(bytes)}`)
}

/** Returns the memory of a buffer to receive into. */
export function checkBuffer(buffer: unknown): Uint8Array {
  if (ArrayBuffer.isView(buffer)) return checkBytes(buffer)
  throw new TypeError(`Expected \`buffer\` to be a Uint8Array, got ${show(buffer)}`)
}

/** The value of a message, or its bytes if it was sent as bytes. */
export function messageOf<T>(raw: boolean, payload: Payload): T {
  return (raw ? Buffer.from(rawBytes(payload)) : decode(payload)) as T
}

/** The bytes of a message sent as bytes. A message that holds a value is discarded, and the error says why. */
export function bytesOf(raw: boolean, payload: Payload): Uint8Array {
  if (raw) return rawBytes(payload)
  recall(payload)
  throw new TypeError('Expected a message of bytes, got a value: receive it with `recv`')
}

/** Copies a message into a buffer and returns its length. Throws {BufferTooShort} for one that does not fit. */
export function copyInto(buffer: Uint8Array, offset: number, bytes: Uint8Array): number {
  const room = buffer.length - offset
  if (bytes.length > room) throw new BufferTooShort(`Expected room for ${bytes.length} bytes, got ${room}`, bytes)
  buffer.set(bytes, offset)
  return bytes.length
}

/** Throws the `Timeout` that was given as the limit of a receive, if any, or else a `TimeoutError`. */
export function expiredReceive(raised: unknown): never {
  throw raised ?? new TimeoutError('Nothing was sent in time')
}

/** Checks that an offset or length is a whole number from 0 to `most`. */
export function checkWithin(name: string, value: unknown, max: number): void {
  if (checkWhole(value, name, 0) > max) throw wrongValue(name, `a whole number from 0 to ${max}`, value)
}
