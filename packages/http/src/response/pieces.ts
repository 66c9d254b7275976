import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { CooperativeIterator, fromCallback, type Operation, type Suspension } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { decodingFailure, hasZlibHeader, isDecodable } from '../body/decode-body.ts'
import { incrementalDecoder } from '../encoding/encoding.ts'
import type { Limits, ResponseStream } from '../engine/engine.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'

type Step<T> = IteratorResult<T, undefined>
const END: Step<never> = { done: true, value: undefined }

/** An iterator whose next item takes a coroutine to make. */
abstract class Made<T> extends CooperativeIterator<T> {
  next(): Operation<Step<T>> {
    return new Call<[], Step<T>>(() => this.make(), [])
  }

  protected abstract make(): Generator<Suspension, Step<T>, unknown>
}

/** Pieces that are here already. */
export class BodyPieces extends Made<Uint8Array> {
  private readonly left: Uint8Array[]

  constructor(pieces: readonly Uint8Array[]) {
    super()
    this.left = pieces.filter((piece) => piece.length > 0)
  }

  protected override *make(): Generator<Suspension, Step<Uint8Array>, unknown> {
    const value = this.left.shift()
    return value === undefined ? END : { done: false, value }
  }
}

/** The pieces of a body as they come, their codings undone; never more than one is asked of the server ahead. */
export class DecodedPieces extends Made<Uint8Array> {
  private readonly stream: ResponseStream
  private readonly codings: readonly string[]
  private readonly limits: Limits
  private readonly most: number
  private decoders: Decoder[] | undefined = undefined
  private size = 0
  private ended = false
  private readonly ready: Uint8Array[] = []

  constructor(stream: ResponseStream, codings: readonly string[], limits: Limits, most: number) {
    super()
    this.stream = stream
    this.codings = isDecodable(codings) ? codings : []
    this.limits = limits
    this.most = most
  }

  protected override *make(): Generator<Suspension, Step<Uint8Array>, unknown> {
    while (this.ready.length === 0 && !this.ended) yield* this.fill()
    const value = this.ready.shift()
    return value === undefined ? END : { done: false, value }
  }

  private *fill(): Generator<Suspension, void, unknown> {
    const piece = yield* this.stream.read(this.limits)
    if (piece === undefined) this.ended = true
    let pieces: Uint8Array[] = piece === undefined ? [] : [piece]
    this.decoders ??= piece === undefined ? [] : [...this.codings].reverse().map((coding) => new Decoder(coding))
    for (const decoder of this.decoders) {
      const out: Uint8Array[] = []
      for (const input of pieces) out.push(...(yield* decoder.push(input)))
      if (piece === undefined) out.push(...(yield* decoder.end()))
      pieces = out
    }
    for (const decoded of pieces) {
      this.size += decoded.length
      if (this.size > this.most) {
        this.close()
        throw new ResponseTooLarge(`The decoded body is larger than ${this.most} bytes`)
      }
      if (decoded.length > 0) this.ready.push(decoded)
    }
  }

  override close(): void {
    if (!this.ended) this.stream.destroy()
    this.ended = true
    for (const decoder of this.decoders ?? []) decoder.close()
  }
}

/** One coding, undone piece by piece. */
class Decoder {
  private readonly coding: string
  private transform: Transform | undefined = undefined
  private failure: Error | undefined = undefined

  constructor(coding: string) {
    this.coding = coding
  }

  push(input: Uint8Array): Operation<Uint8Array[]> {
    const transform = (this.transform ??= this.open(input))
    return this.drain((done) => transform.write(input, done))
  }

  end(): Operation<Uint8Array[]> {
    const { transform } = this
    if (transform === undefined) return this.drain((done) => done())
    return this.drain((done) => {
      transform.once('end', done)
      transform.end()
    })
  }

  close(): void {
    this.transform?.destroy()
  }

  /** Collects what comes out until the step is done: one step in, all of its output out. */
  private drain(step: (done: (error?: Error | null) => void) => void): Operation<Uint8Array[]> {
    const out: Uint8Array[] = []
    return fromCallback<Uint8Array[]>((resume) => {
      const { transform } = this
      const collect = (piece: Uint8Array) => out.push(piece)
      const fail = (error: Error) => {
        this.failure = error
        finish()
      }
      const finish = () => {
        transform?.off('data', collect)
        transform?.off('error', fail)
        if (this.failure === undefined) resume(undefined, out)
        else resume(decodingFailure(this.failure, this.coding, 0))
      }
      transform?.on('data', collect)
      transform?.on('error', fail)
      step((error) => {
        if (error) this.failure = error
        finish()
      })
      return () => transform?.destroy()
    })
  }

  private open(first: Uint8Array): Transform {
    switch (this.coding) {
      case 'deflate':
        return hasZlibHeader(first) || first.length < 2 ? zlib.createInflate() : zlib.createInflateRaw()
      case 'br':
        return zlib.createBrotliDecompress()
      case 'zstd':
        return (zlib as unknown as { createZstdDecompress(): Transform }).createZstdDecompress()
      default:
        return zlib.createGunzip()
    }
  }
}

/** Pieces cut and joined to one size. */
export class Resized extends Made<Uint8Array> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly pieceSize: number | undefined
  private held: Uint8Array = new Uint8Array(0)
  private ended = false

  constructor(source: CooperativeIterator<Uint8Array>, size: number | undefined) {
    super()
    this.source = source
    this.pieceSize = size
  }

  protected override *make(): Generator<Suspension, Step<Uint8Array>, unknown> {
    const size = this.pieceSize
    if (size === undefined) return yield* this.source.next()
    while (this.held.length < size && !this.ended) {
      const next = yield* this.source.next()
      if (next.done) this.ended = true
      else this.held = this.held.length === 0 ? next.value : Buffer.concat([this.held, next.value])
    }
    if (this.held.length === 0) return END
    const value = this.held.subarray(0, size)
    this.held = this.held.subarray(size)
    return { done: false, value }
  }

  override close(): void {
    this.source.close()
  }
}

/** Lines of text; a character, and a CRLF, may be split over pieces. */
export class Lines extends Made<string> {
  private readonly source: CooperativeIterator<Uint8Array>
  private readonly decoder: { decode(bytes?: Uint8Array, options?: { stream?: boolean }): string }
  private lines: string[] = []
  private at = 0
  private rest = ''
  private ended = false

  constructor(source: CooperativeIterator<Uint8Array>, encoding: string) {
    super()
    this.source = source
    this.decoder = incrementalDecoder(encoding)
  }

  protected override *make(): Generator<Suspension, Step<string>, unknown> {
    while (this.at === this.lines.length && !this.ended) {
      const next = yield* this.source.next()
      this.ended = next.done === true
      this.split(this.rest + (next.done ? this.decoder.decode() : this.decoder.decode(next.value, { stream: true })))
    }
    if (this.at === this.lines.length) return END
    const value = this.lines[this.at]!
    this.at += 1
    return { done: false, value }
  }

  private split(text: string): void {
    this.lines = text.split(/\r\n|\n|\r(?!$)/)
    this.at = 0
    this.rest = this.lines.pop() ?? ''
    if (this.ended && this.rest !== '') this.lines.push(this.rest.replace(/\r$/, ''))
  }

  override close(): void {
    this.source.close()
  }
}
