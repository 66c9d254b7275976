import { ConcurrentObjectUseError, type Suspension } from '@greenlit/core'
import { codingsOf, isDecodable, maxDecodedSize } from '../body/decode-body.ts'
import { StreamDecoder } from '../body/stream-decoder.ts'
import type { Limits, ResponseStream } from '../engine/engine.ts'
import type { Framing } from '../engine/framing.ts'
import { ConnectionError } from '../errors/connection-error.ts'
import { RequestException } from '../errors/request-exception.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import { CoroutineIterator, END, type Step } from './coroutine-iterator.ts'

/** The response that a body belongs to. */
export interface BodyOwner {
  readonly framing: Framing
  /** Sets the request and response of an error. */
  annotate(error: RequestException): void
}

/** The pieces of a body as received, with content codings removed. It reads no more from the server than the consumer takes. */
export class DecodedPieces extends CoroutineIterator<Uint8Array> {
  private readonly stream: ResponseStream
  private readonly owner: BodyOwner
  private readonly codings: readonly string[]
  private readonly limits: Limits
  private readonly maxBytes: number
  private decoders: readonly StreamDecoder[] | undefined = undefined
  private sent = 0
  private size = 0
  private ended = false
  private isFilling = false
  private failure: unknown = undefined
  private readonly ready: Uint8Array[] = []

  /** @param maxBytes the largest body allowed, in bytes, both as sent and as decoded */
  constructor(stream: ResponseStream, owner: BodyOwner, limits: Limits, maxBytes: number) {
    super()
    this.stream = stream
    this.owner = owner
    this.codings = codingsOf(owner.framing.contentEncoding)
    this.limits = limits
    this.maxBytes = maxBytes
  }

  protected override *produce(): Generator<Suspension, Step<Uint8Array>, unknown> {
    while (this.ready.length === 0 && !this.ended && this.failure === undefined) yield* this.fill()
    const value = this.ready.shift()
    if (value !== undefined) return { done: false, value }
    if (this.failure !== undefined && !this.ended) throw this.failure
    return END
  }

  private *fill(): Generator<Suspension, void, unknown> {
    if (this.isFilling) throw new ConcurrentObjectUseError('Expected one greenlet at a time to read a body')
    this.isFilling = true
    try {
      const piece = yield* this.stream.read(this.limits)
      this.sent += piece?.length ?? 0
      this.checkSize(this.sent)
      yield* this.decode(piece)
      if (piece === undefined) this.ended = true
    } catch (error) {
      // A caller that goes on reading after a timeout must not take it for the end of the body.
      this.failure = error instanceof RequestException ? error : new ConnectionError('The body was given up midway')
      if (error instanceof RequestException) this.owner.annotate(error)
      this.free()
      throw error
    } finally {
      this.isFilling = false
    }
  }

  private *decode(piece: Uint8Array | undefined): Generator<Suspension, void, unknown> {
    let pieces: readonly Uint8Array[] = piece === undefined ? [] : [piece]
    this.decoders ??= piece === undefined ? [] : decodersFor(this.codings)
    const left = maxDecodedSize(this.sent, this.maxBytes) - this.size
    for (const decoder of this.decoders) {
      const decoded: Uint8Array[] = []
      for (const input of pieces) decoded.push(...(yield* decoder.push(input, left)))
      if (piece === undefined) decoded.push(...(yield* decoder.end(left)))
      pieces = decoded
    }
    for (const decoded of pieces) {
      this.size += decoded.length
      this.checkSize(this.size)
      if (decoded.length > 0) this.ready.push(decoded)
    }
  }

  private checkSize(bytes: number): void {
    if (bytes > this.maxBytes) throw new ResponseTooLarge(`The body is larger than ${this.maxBytes} bytes`)
  }

  protected override onClose(): void {
    this.free()
    this.ended = true
  }

  private free(): void {
    if (!this.ended) this.stream.destroy()
    for (const decoder of this.decoders ?? []) decoder.close()
  }
}

function decodersFor(codings: readonly string[]): StreamDecoder[] {
  return isDecodable(codings) ? [...codings].reverse().map((coding) => new StreamDecoder(coding)) : []
}
