import { ConcurrentObjectUseError, type CooperativeIterator, type Suspension } from '@greenlit/core'
import { now } from '@greenlit/core/engine'
import { codingsOf, decodeBody, isDecodable } from '../body/decode-body.ts'
import type { Limits, ResponseStream } from '../engine/engine.ts'
import { RequestException } from '../errors/request-exception.ts'
import { StreamConsumedError } from '../errors/stream-consumed-error.ts'
import { type BodyOwner, DecodedPieces } from './decoded-pieces.ts'
import { MemoryPieces } from './resized-pieces.ts'

/**
 * How many bytes of an unwanted body, such as a redirect's, are read so that its connection can be reused, and how long that may
 * take, in milliseconds.
 */
const MAX_DRAINED = 64 * 1024
const DRAIN_TIMEOUT = 1000
const NO_BYTES = new Uint8Array(0)

/**
 * The body of a response. It is read as a whole, once, and then kept in memory; or taken as a stream, once; or skipped.
 *
 *     open --load, tryLoad, drain--> bytes
 *       `---pieces, close----------> taken
 */
export class ResponseBody {
  /** The whole decoded body, if it was read as a whole. */
  bytes: Uint8Array | undefined = undefined
  private isTaken = false
  private isLoading = false
  private readonly stream: ResponseStream
  private readonly owner: BodyOwner
  private readonly limits: Limits
  private readonly maxSize: number

  /** @param maxSize the largest body allowed, in bytes, both as sent and as decoded */
  constructor(stream: ResponseStream, owner: BodyOwner, limits: Limits, maxSize: number) {
    this.stream = stream
    this.owner = owner
    this.limits = limits
    this.maxSize = maxSize
  }

  /**
   * The whole decoded body.
   *
   * @throws {StreamConsumedError} if it has not been read, or was taken as a stream
   */
  get content(): Uint8Array {
    if (this.bytes !== undefined) return this.bytes
    if (this.isTaken) throw this.consumedError()
    throw this.consumedError('Expected a streamed response to be read first: `yield* response.read()`')
  }

  /** Takes the whole body without waiting, if all of it was received and it needs no decoding; returns whether that worked. */
  tryLoad(): boolean {
    if (this.owner.framing.contentEncoding !== undefined || this.isTaken) return false
    try {
      this.bytes = this.stream.whole(this.maxSize)
    } catch (error) {
      throw this.annotated(error)
    }
    this.isTaken = this.bytes !== undefined
    return this.isTaken
  }

  /** Reads and decodes the whole body. */
  *load(): Generator<Suspension, Uint8Array, unknown> {
    if (this.bytes !== undefined) return this.bytes
    if (this.isLoading) throw new ConcurrentObjectUseError('Expected one greenlet at a time to read a body')
    if (this.isTaken) throw this.consumedError()
    this.isTaken = true
    this.isLoading = true
    try {
      const raw = yield* this.stream.readAll(this.limits, this.maxSize)
      const coding = this.owner.framing.contentEncoding
      this.bytes = coding === undefined || raw.length === 0 ? raw : yield* this.decode(raw, coding)
    } catch (error) {
      throw this.annotated(error)
    } finally {
      this.isLoading = false
    }
    return this.bytes
  }

  /** Reads the rest of an unwanted body so that the connection can be reused. A small body is kept; otherwise it is lost. */
  *drain(): Generator<Suspension, void, unknown> {
    if (this.isTaken) return
    const { limits } = this
    const { framing } = this.owner
    if ((framing.contentLength ?? 0) > MAX_DRAINED) {
      this.close()
      return
    }
    this.isTaken = true
    const deadline = Math.min(now() + DRAIN_TIMEOUT, limits.deadline ?? Infinity)
    const coding = framing.contentEncoding
    try {
      const read = yield* this.stream.readAll({ ...limits, deadline }, MAX_DRAINED)
      this.bytes = coding === undefined ? read : yield* this.decode(read, coding)
    } catch (error) {
      // Nobody needs the body, but any other error, as that of a kill, is not its failure.
      if (!(error instanceof RequestException)) throw error
      this.bytes = NO_BYTES
    }
  }

  /** The decoded body, piece by piece. */
  pieces(): CooperativeIterator<Uint8Array> {
    if (this.bytes !== undefined) return new MemoryPieces(this.bytes)
    if (this.isTaken) throw this.consumedError()
    this.isTaken = true
    return new DecodedPieces(this.stream, this.owner, this.limits, this.maxSize)
  }

  /** Releases the connection; unread bytes are lost. */
  close(): void {
    if (this.bytes !== undefined) return
    if (this.isTaken) this.stream.destroy()
    else this.stream.discard()
    this.isTaken = true
  }

  /** Closes the connection immediately, unless the whole body was received. */
  destroy(): void {
    if (this.bytes !== undefined) return
    this.stream.destroy()
    this.isTaken = true
  }

  private *decode(bytes: Uint8Array, coding: string): Generator<Suspension, Uint8Array, unknown> {
    const codings = codingsOf(coding)
    return isDecodable(codings) ? yield* decodeBody(bytes, codings, this.maxSize) : bytes
  }

  private annotated(error: unknown): unknown {
    if (error instanceof RequestException) this.owner.annotate(error)
    return error
  }

  private consumedError(message = 'The content of this streamed response was consumed already'): unknown {
    return this.annotated(new StreamConsumedError(message))
  }
}
