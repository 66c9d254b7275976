import { show } from '@greenlit/core/engine'

function convertByteOrder(value: unknown, bytes: 2 | 4, call: string): number {
  const max = 2 ** (bytes * 8) - 1
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new TypeError(`${call}(): expected a whole number, got ${show(value)}`)
  if (value < 0 || value > max) throw new RangeError(`${call}(): expected a number from 0 to ${max}, got ${value}`)
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  // Nearly every platform that Node supports is little-endian.
  const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
  return isLittleEndian ? buffer.readUIntLE(0, bytes) : value
}

/**
 * Converts a 16-bit number from host to network byte order (Python: socket.htons).
 *
 * @throws {RangeError} if `value` is outside 0 to 65535; {TypeError} if it is not a whole number
 * @example
 * htons(80) // 20480 on most machines
 */
export function htons(value: number): number {
  return convertByteOrder(value, 2, 'htons')
}

/**
 * Converts a 16-bit number from network to host byte order (Python: socket.ntohs). Throws like `htons`.
 *
 * @example
 * ntohs(htons(80)) // 80
 */
export function ntohs(value: number): number {
  return convertByteOrder(value, 2, 'ntohs')
}

/**
 * Like `htons`, for 32-bit numbers (Python: socket.htonl).
 *
 * @example
 * htonl(1) // 16777216 on most machines
 */
export function htonl(value: number): number {
  return convertByteOrder(value, 4, 'htonl')
}

/**
 * Like `ntohs`, for 32-bit numbers (Python: socket.ntohl).
 *
 * @example
 * ntohl(htonl(1)) // 1
 */
export function ntohl(value: number): number {
  return convertByteOrder(value, 4, 'ntohl')
}
