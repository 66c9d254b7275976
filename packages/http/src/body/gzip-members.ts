import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { type Coroutine, until } from '@greenlit/core'
import { attemptZlib } from './attempt-zlib.ts'

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}
type Inflate = (bytes: Uint8Array, options: { info: true; maxOutputLength: number }) => Promise<Inflated>

const inflateRaw = promisify(zlib.inflateRaw) as unknown as Inflate

const HEAD = 10
/** The size of a member's trailer in bytes. */
export const TRAILER = 8
/** The flags of a member's header (RFC 1952 section 2.3.1). */
const HAS = { checksum: 2, extra: 4, name: 8, comment: 16 }
const RESERVED = 0xe0
/** The only compression method there is. */
const DEFLATE = 8

/**
 * Decodes the members of a gzip file, ignoring anything after the last one: servers append line ends and worse, which browsers and
 * requests ignore too (urllib3: GzipDecoder).
 *
 * @param bytes data that zlib rejected as a gzip file
 * @param maxBytes the largest decoded size allowed, in bytes
 * @returns `undefined` if there is no complete member, or one of them is damaged or cut off, or they are too many or too large
 */
export function* gzipMembers(bytes: Uint8Array, maxBytes: number): Coroutine<Uint8Array | undefined> {
  const members: Uint8Array[] = []
  let size = 0
  let at = 0
  while (isMember(bytes, at)) {
    if (headerFault(bytes, at) !== undefined) return undefined
    const start = endOfHeader(bytes, at)
    const options = { info: true, maxOutputLength: Math.max(maxBytes - size, 1) } as const
    const inflated = yield* attemptZlib(until(inflateRaw(bytes.subarray(start), options)))
    if (!inflated.ok) return undefined
    const { buffer, engine } = inflated.value
    const end = start + engine.bytesWritten
    if (!hasTrailer(bytes, end, zlib.crc32(buffer), buffer.length)) return undefined
    members.push(buffer)
    size += buffer.length
    at = end + TRAILER
    if (size > maxBytes || areTooMany(members.length, at)) return undefined
  }
  return members.length === 0 ? undefined : Buffer.concat(members)
}

/** Whether members, each of which costs some work, are so many and small that they must be meant to keep the processor busy. */
export function areTooMany(members: number, bytes: number): boolean {
  return members > 1000 && bytes < members * 512
}

/** Whether a member begins at `at`, judging by its magic number. */
export function isMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b
}

/** What is wrong with the header of a member, as zlib words it; `undefined` if nothing, or if too little of it is there. */
export function headerFault(bytes: Uint8Array, from: number): string | undefined {
  if ((bytes[from + 2] ?? DEFLATE) !== DEFLATE) return 'unknown compression method'
  return (bytes[from + 3] ?? 0) & RESERVED ? 'unknown header flags set' : undefined
}

/** Where the data of a member begins: beyond the end of `bytes` if its header is cut off. */
export function endOfHeader(bytes: Uint8Array, from: number): number {
  const flags = bytes[from + 3] ?? 0
  let at = from + HEAD
  if (flags & HAS.extra) at += at + 2 > bytes.length ? Infinity : 2 + bytes[at]! + 256 * bytes[at + 1]!
  for (const text of [HAS.name, HAS.comment]) {
    if (!(flags & text)) continue
    const end = bytes.indexOf(0, at)
    at = end < 0 ? Infinity : end + 1
  }
  if (flags & HAS.checksum) at += 2
  return at
}

/** Whether the trailer of a member matches the checksum and size of its data. */
export function hasTrailer(bytes: Uint8Array, at: number, checksum: number, size: number): boolean {
  if (at + TRAILER > bytes.length) return false
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + at, TRAILER)
  return trailer.getUint32(0, true) === checksum && trailer.getUint32(4, true) === size % 2 ** 32
}
