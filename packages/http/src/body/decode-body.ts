import { promisify } from 'node:util'
// The default export, as webpack binds every name used of a namespace, and not every Node version has those for zstd.
import zlib from 'node:zlib'
import { type Coroutine, coroutine, until } from '@greenlit/core'
import { ContentDecodingError } from '../errors/content-decoding-error.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import { isZlibError } from './attempt-zlib.ts'
import { gzipMembers } from './gzip-members.ts'
import { ZstdFrames } from './zstd-frames.ts'

interface ZlibOptions {
  maxOutputLength?: number
}
type Unzip = (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>
type UnzipSync = (bytes: Uint8Array, options: ZlibOptions) => Uint8Array

interface Coding {
  readonly decode: Unzip
  readonly decodeSync: UnzipSync
}

const GZIP: Coding = { decode: promisify(zlib.gunzip) as Unzip, decodeSync: zlib.gunzipSync }
const ZLIB: Coding = { decode: promisify(zlib.inflate) as Unzip, decodeSync: zlib.inflateSync }
const RAW: Coding = { decode: promisify(zlib.inflateRaw) as Unzip, decodeSync: zlib.inflateRawSync }
const BROTLI: Coding = { decode: promisify(zlib.brotliDecompress) as Unzip, decodeSync: zlib.brotliDecompressSync }

const { zstdDecompress, zstdDecompressSync } = zlib as { zstdDecompress?: unknown; zstdDecompressSync?: UnzipSync }
const ZSTD: Coding | undefined =
  zstdDecompressSync === undefined
    ? undefined
    : { decode: promisify(zstdDecompress as never) as Unzip, decodeSync: zstdDecompressSync }

/** The largest number of codings accepted: more than anyone needs is an attack. */
const MAX_CODINGS = 5
/** Bodies up to this size are decoded synchronously: handing them to the thread pool would take longer. */
const SMALL = 4096
/** The largest expansion ratio allowed for a decoded body; bodies up to `LARGE` bytes are exempt. */
const MAX_RATIO = 250
const LARGE = 16 * 1024 * 1024

/** The codings that this version of Node can decode, for Accept-Encoding. */
export const ACCEPT_ENCODING: string = ['gzip', 'deflate', 'br', ...(ZSTD === undefined ? [] : ['zstd'])].join(', ')

/** The codings of a Content-Encoding header, in the order in which they were applied. */
export function codingsOf(header: string | undefined): string[] {
  if (header === undefined) return []
  const codings = header.split(',').map((coding) => coding.trim().toLowerCase())
  return codings.filter((coding) => coding !== '' && coding !== 'identity')
}

/**
 * Whether a body has codings, all of them known. With an unknown coding the body is left as it is, as in requests.
 *
 * @throws {ContentDecodingError} if there are more than 5 codings
 */
export function isDecodable(codings: readonly string[]): boolean {
  if (codings.length > MAX_CODINGS) {
    throw new ContentDecodingError(`Expected at most ${MAX_CODINGS} codings, got ${codings.length}`)
  }
  return codings.length > 0 && codings.every((coding) => codingOf(coding, undefined) !== undefined)
}

/**
 * Decodes a whole body.
 *
 * @param maxBytes the largest decoded size allowed, in bytes
 * @throws {ContentDecodingError} if it is damaged or cut off; {ResponseTooLarge} if it becomes too large
 */
export const decodeBody = coroutine(function* (bytes: Uint8Array, codings: readonly string[], maxBytes: number) {
  let decoded = bytes
  for (const name of [...codings].reverse()) {
    if (decoded.length === 0) return decoded
    const coding = codingOf(name, decoded)!
    const maxOutputLength = maxDecodedSize(bytes.length, maxBytes)
    try {
      decoded =
        coding === ZSTD
          ? yield* decodeFrames(framesOf(decoded), coding, maxOutputLength)
          : yield* decodeOne(decoded, coding, maxOutputLength)
    } catch (error) {
      const failure = decodingFailure(error, name)
      const isGzip = coding === GZIP && failure instanceof ContentDecodingError
      const members = isGzip ? yield* gzipMembers(decoded, maxOutputLength) : undefined
      if (members === undefined) throw failure
      decoded = members
    }
  }
  return decoded
})

function* decodeOne(bytes: Uint8Array, coding: Coding, maxOutputLength: number): Coroutine<Uint8Array> {
  if (bytes.length <= SMALL) return coding.decodeSync(bytes, { maxOutputLength })
  return yield* until(coding.decode(bytes, { maxOutputLength }))
}

function framesOf(bytes: Uint8Array): Uint8Array[] {
  const frames = new ZstdFrames()
  const stretches = frames.split(bytes)
  frames.end()
  return stretches
}

function* decodeFrames(frames: readonly Uint8Array[], coding: Coding, maxBytes: number): Coroutine<Uint8Array> {
  const decoded: Uint8Array[] = []
  let size = 0
  for (const frame of frames) {
    const piece = yield* decodeOne(frame, coding, Math.max(maxBytes - size, 1))
    size += piece.length
    if (size > maxBytes) throw Object.assign(new Error('too large'), { code: 'ERR_BUFFER_TOO_LARGE' })
    decoded.push(piece)
  }
  if (decoded.length === 1) return decoded[0]!
  return Buffer.concat(decoded, size)
}

/** The largest decoded size allowed: the caller's limit, and the expansion ratio of a large body. */
export function maxDecodedSize(sent: number, maxBytes: number): number {
  return Math.min(maxBytes, Math.max(LARGE, sent * MAX_RATIO), 0x7fffffff)
}

/** Returns the error for a body beyond its `maxDecodedSize`. */
export function decodedTooLarge(): ResponseTooLarge {
  return new ResponseTooLarge(`The decoded body is larger than \`maxSize\`, or than ${MAX_RATIO} times what was sent`)
}

/** Maps an error of zlib to the hierarchy of requests; any other error, a kill included, is returned unchanged. */
export function decodingFailure(error: unknown, coding: string): unknown {
  if (!isZlibError(error)) return error
  if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return decodedTooLarge()
  return new ContentDecodingError(
    `Expected a body in ${coding}, got damaged or incomplete data: ${(error as Error).message}`,
    { cause: error },
  )
}

function codingOf(name: string, bytes: Uint8Array | undefined): Coding | undefined {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return GZIP
    case 'deflate':
      return bytes !== undefined && !hasZlibHeader(bytes) ? RAW : ZLIB
    case 'br':
      return BROTLI
    case 'zstd':
      return ZSTD
    default:
      return undefined
  }
}

/** Whether data has the zlib header that `deflate` should have (RFC 1950 section 2.2); some servers omit it. */
export function hasZlibHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0
}
