import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { attempt, type Coroutine, until } from '@greenlit/core'

interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}
type Inflate = (bytes: Uint8Array, options: { info: true; maxOutputLength: number }) => Promise<Inflated>

const inflateRaw = promisify(zlib.inflateRaw) as unknown as Inflate

const HEAD = 10
/** How many bytes end a member. */
export const TRAILER = 8
/** Flags of a header (RFC 1952 section 2.3.1). */
const HAS = { checksum: 2, extra: 4, name: 8, comment: 16 }

/**
 * What the members of a gzip file hold, whatever stands behind them: servers add line ends and worse, which browsers and requests
 * pass over (urllib3: GzipDecoder).
 *
 * @param bytes what is no gzip file as a whole
 * @param most how many bytes it may become
 * @returns `undefined` if no member is whole, or what follows is one that is damaged or cut off
 */
export function* gzipMembers(bytes: Uint8Array, most: number): Coroutine<Uint8Array | undefined> {
  const members: Uint8Array[] = []
  let size = 0
  let at = 0
  while (isMember(bytes, at)) {
    const start = endOfHeader(bytes, at)
    const options = { info: true, maxOutputLength: Math.max(most - size, 1) } as const
    const inflated = yield* attempt(until(inflateRaw(bytes.subarray(start), options)))
    if (!inflated.ok) return undefined
    const { buffer, engine } = inflated.value
    const end = start + engine.bytesWritten
    if (!hasTrailer(bytes, end, zlib.crc32(buffer), buffer.length)) return undefined
    members.push(buffer)
    size += buffer.length
    at = end + TRAILER
    if (size > most || areTooMany(members.length, at)) return undefined
  }
  return members.length === 0 ? undefined : Buffer.concat(members)
}

/** Whether members are so many and small that they are made to keep the processor busy: each is work of its own. */
export function areTooMany(members: number, bytes: number): boolean {
  return members > 1000 && bytes < members * 512
}

/** Whether what begins there means to be a member. */
export function isMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b
}

/** Where the data of a member begin: behind the end of the bytes if its header is cut off. */
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

/** Whether a member ends with the checksum and the size of what it holds. */
export function hasTrailer(bytes: Uint8Array, at: number, checksum: number, size: number): boolean {
  if (at + TRAILER > bytes.length) return false
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + at, TRAILER)
  return trailer.getUint32(0, true) === checksum && trailer.getUint32(4, true) === size % 2 ** 32
}
