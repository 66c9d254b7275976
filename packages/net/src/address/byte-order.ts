import { show } from '@greenlit/core/engine'

function swapped(value: unknown, bytes: 2 | 4, call: string): number {
  const most = 2 ** (bytes * 8) - 1
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new TypeError(`${call}(): expected a whole number, got ${show(value)}`)
  if (value < 0 || value > most) throw new RangeError(`${call}(): expected a number from 0 to ${most}, got ${value}`)
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  // What every platform of Node's has is little-endian, but for one.
  const own = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
  return own ? buffer.readUIntLE(0, bytes) : value
}

/**
 * A 16-bit number of this host's in the byte order of the network (Python: socket.htons).
 *
 * @throws {RangeError} outside 0 to 65535; {TypeError} for what is no whole number
 * @example
 * htons(80) // 20480 on most machines
 */
export function htons(value: number): number {
  return swapped(value, 2, 'htons')
}

/** A 16-bit number of the network's in the byte order of this host (Python: socket.ntohs). Throws as `htons` does. */
export function ntohs(value: number): number {
  return swapped(value, 2, 'ntohs')
}

/** As `htons`, for 32 bits (Python: socket.htonl). */
export function htonl(value: number): number {
  return swapped(value, 4, 'htonl')
}

/** As `ntohs`, for 32 bits (Python: socket.ntohl). */
export function ntohl(value: number): number {
  return swapped(value, 4, 'ntohl')
}
