import { attempt, type CooperativeIterator, type Operation, type Suspension } from '@greenlit/core'
import { Done, now } from '@greenlit/core/engine'
import { codingsOf, decodeBody, isDecodable } from '../body/decode-body.ts'
import type { Limits, ResponseStream } from '../engine/engine.ts'
import { RequestException } from '../errors/request-exception.ts'
import { StreamConsumedError } from '../errors/stream-consumed-error.ts'
import { type BodyOwner, DecodedPieces } from './decoded-pieces.ts'
import { MemoryPieces } from './resized-pieces.ts'

/** How much of the body of a redirect is read so that its connection can serve again, and how long that may take, in milliseconds. */
const MOST_LEFT = 64 * 1024
const LONGEST_LEAVE = 1000
const NO_BYTES = new Uint8Array(0)

/**
 * The body of a response: read whole, once, and then there; or taken as a stream, once; or left.
 *
 *     open --load, loadNow, leave--> bytes
 *       `---pieces, close----------> taken
 */
export class ResponseBody {
  /** The whole of it, if it was read so, decoded. */
  bytes: Uint8Array | undefined = undefined
  private isTaken = false
  private readonly stream: ResponseStream
  private readonly owner: BodyOwner
  private readonly limits: Limits
  private readonly maxSize: number

  /** @param maxSize how many bytes it may have, as sent and decoded */
  constructor(stream: ResponseStream, owner: BodyOwner, limits: Limits, maxSize: number) {
    this.stream = stream
    this.owner = owner
    this.limits = limits
    this.maxSize = maxSize
  }

  /**
   * The whole of it.
   *
   * @throws {StreamConsumedError} if it is not there
   */
  get content(): Uint8Array {
    if (this.bytes !== undefined) return this.bytes
    if (this.isTaken) throw this.consumed()
    throw this.consumed('Expected a streamed response to be read first: `yield* response.read()`')
  }

  /** Takes all of it, if it is there and needs no decoding; answers whether that did it. */
  loadNow(): boolean {
    if (this.owner.framing.contentEncoding !== undefined || this.isTaken) return false
    try {
      this.bytes = this.stream.whole(this.maxSize)
    } catch (error) {
      throw this.claimed(error)
    }
    this.isTaken = this.bytes !== undefined
    return this.isTaken
  }

  /** Reads all of it. */
  *load(): Generator<Suspension, Uint8Array, unknown> {
    if (this.bytes !== undefined) return this.bytes
    if (this.isTaken) throw this.consumed()
    this.isTaken = true
    try {
      const raw = yield* this.stream.readAll(this.limits, this.maxSize)
      const coding = this.owner.framing.contentEncoding
      this.bytes = coding === undefined || raw.length === 0 ? raw : yield* this.decode(raw, coding)
    } catch (error) {
      throw this.claimed(error)
    }
    return this.bytes
  }

  /** Reads what it takes to use the connection again; the body is kept if it is small and whole, and else lost. */
  *leave(): Generator<Suspension, void, unknown> {
    if (this.isTaken) return
    const { limits } = this
    const { framing } = this.owner
    if ((framing.contentLength ?? 0) > MOST_LEFT) {
      this.close()
      return
    }
    this.isTaken = true
    const deadline = Math.min(now() + LONGEST_LEAVE, limits.deadline ?? Infinity)
    const read = yield* attempt(this.stream.readAll({ ...limits, deadline }, MOST_LEFT))
    const coding = framing.contentEncoding
    const decoded = read.ok && coding !== undefined ? yield* attempt(this.decode(read.value, coding)) : read
    this.bytes = decoded.ok ? decoded.value : NO_BYTES
  }

  /** It bit by bit, decoded. */
  pieces(): CooperativeIterator<Uint8Array> {
    if (this.bytes !== undefined) return new MemoryPieces(this.bytes)
    if (this.isTaken) throw this.consumed()
    this.isTaken = true
    return new DecodedPieces(this.stream, this.owner, this.limits, this.maxSize)
  }

  /** Frees the connection; what was not read is lost. */
  close(): void {
    if (this.bytes !== undefined) return
    if (this.isTaken) this.stream.destroy()
    else this.stream.discard()
    this.isTaken = true
  }

  private decode(bytes: Uint8Array, coding: string): Operation<Uint8Array> {
    const codings = codingsOf(coding)
    return isDecodable(codings) ? decodeBody(bytes, codings, this.maxSize) : new Done(bytes)
  }

  private claimed(error: unknown): unknown {
    if (error instanceof RequestException) this.owner.claim(error)
    return error
  }

  private consumed(message = 'The content of this streamed response was consumed already'): unknown {
    return this.claimed(new StreamConsumedError(message))
  }
}
