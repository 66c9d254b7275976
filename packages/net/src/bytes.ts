import { show } from '@greenlit/core/engine'

/** Bytes to send; a string is encoded as UTF-8. */
export type BytesLike = Uint8Array | ArrayBufferView | ArrayBuffer | string

/** Memory to receive into. */
export type BufferLike = ArrayBufferView | ArrayBufferLike

/** Returns the data to send as a Buffer; binary data is not copied. */
export function checkBytes(data: unknown, name = 'data'): Buffer {
  if (Buffer.isBuffer(data)) return data
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data)
  throw new TypeError(`Expected \`${name}\` to be bytes or a string, got ${show(data)}`)
}

/** Validates a buffer to receive into and returns the part of it to fill. */
export function checkTarget(target: unknown, size: unknown): Uint8Array {
  if (target instanceof ArrayBuffer || target instanceof SharedArrayBuffer) {
    return checkTarget(new Uint8Array(target), size)
  }
  if (!ArrayBuffer.isView(target)) throw new TypeError(`Expected \`buffer\` to be a Uint8Array, got ${show(target)}`)
  const length = checkSize(size ?? 0, 'recvInto', 'nbytes')
  if (length > target.byteLength) {
    throw new RangeError(`Expected \`nbytes\` to be at most the buffer's ${target.byteLength} bytes, got ${length}`)
  }
  return new Uint8Array(target.buffer, target.byteOffset, length === 0 ? target.byteLength : length)
}

/** Validates the number of bytes to receive. */
export function checkSize(size: unknown, call: string, name = 'bufsize'): number {
  if (typeof size !== 'number' || !Number.isInteger(size)) {
    throw new TypeError(`Expected \`${name}\` of ${call} to be a whole number of bytes, got ${show(size)}`)
  }
  if (size < 0) throw new RangeError(`negative buffersize in ${call}`)
  return size
}
