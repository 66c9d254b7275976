import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Operation } from '@greenlit/core'
import { Blocking, now } from '@greenlit/core/engine'
import { ChunkedEncodingError } from '../errors/chunked-encoding-error.ts'
import { ReadTimeout } from '../errors/read-timeout.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import type { Limits, ResponseStream } from './engine.ts'

/** How much of an unwanted body is read so that its connection can serve again. */
const MOST_DRAINED = 64 * 1024
const NO_BYTES = new Uint8Array(0)

/** The body of a response on Node's client. */
export class MessageStream implements ResponseStream {
  /** @internal */
  readonly message: IncomingMessage
  /** @internal */
  readonly host: string
  private readonly request: ClientRequest

  constructor(message: IncomingMessage, request: ClientRequest, host: string) {
    this.message = message
    this.request = request
    this.host = host
  }

  readAll(limits: Limits, most: number): Operation<Uint8Array> {
    return new ReadAll(this, limits, most)
  }

  read(limits: Limits): Operation<Uint8Array | undefined> {
    return new ReadPiece(this, limits)
  }

  discard(): void {
    const { message } = this
    if (message.complete || message.destroyed) {
      message.resume()
      return
    }
    let drained = 0
    message.on('data', (piece: Uint8Array) => {
      drained += piece.length
      if (drained > MOST_DRAINED) this.destroy()
    })
  }

  destroy(): void {
    this.request.destroy()
    this.message.destroy()
  }
}

/** A wait for bytes: limited by silence and by the deadline. */
abstract class BodyWait<T> extends Blocking<T> {
  protected readonly stream: MessageStream
  protected readonly limits: Limits
  private lastByteAt = 0

  constructor(stream: MessageStream, limits: Limits) {
    super()
    this.stream = stream
    this.limits = limits
  }

  override get isExternal(): boolean {
    return true
  }

  protected startClock(): void {
    this.lastByteAt = now()
    const left = this.timeLeft()
    if (left !== Infinity) this.limit(left)
  }

  protected gotBytes(): void {
    if (this.limits.read !== undefined) this.lastByteAt = now()
  }

  private timeLeft(): number {
    const { read, deadline } = this.limits
    return Math.min(read === undefined ? Infinity : this.lastByteAt + read, deadline ?? Infinity) - now()
  }

  override giveUp(): void {
    const left = this.timeLeft()
    if (left > 0) {
      this.limit(left)
      return
    }
    this.stream.destroy()
    super.giveUp()
  }

  override expire(): T {
    throw new ReadTimeout(`The body from ${this.stream.host} did not come in time`)
  }

  describe(): string {
    return `the body from ${this.stream.host}`
  }

  protected cutOff(cause?: Error): Error {
    return new ChunkedEncodingError(
      `The body from ${this.stream.host} ended before it was complete`,
      cause === undefined ? {} : { cause },
    )
  }
}

class ReadAll extends BodyWait<Uint8Array> {
  private readonly most: number
  private pieces: Uint8Array[] = []
  private length = 0

  constructor(stream: MessageStream, limits: Limits, most: number) {
    super(stream, limits)
    this.most = most
  }

  start(): boolean {
    const { message } = this.stream
    if (message.readableEnded) {
      this.outcome = NO_BYTES
      return true
    }
    if (message.destroyed) throw this.cutOff()
    message.on('data', this.onData)
    message.on('end', this.onEnd)
    message.on('close', this.onClose)
    this.startClock()
    return false
  }

  cancel(): void {
    this.stop()
    this.stream.destroy()
  }

  private stop(): void {
    const { message } = this.stream
    message.off('data', this.onData)
    message.off('end', this.onEnd)
    message.off('close', this.onClose)
  }

  private readonly onData = (piece: Uint8Array): void => {
    this.gotBytes()
    this.pieces.push(piece)
    this.length += piece.length
    if (this.length > this.most) {
      this.stop()
      this.stream.destroy()
      this.fail(new ResponseTooLarge(`The body from ${this.stream.host} is larger than ${this.most} bytes`))
    }
  }

  private readonly onEnd = (): void => {
    this.stop()
    const { pieces } = this
    this.wake(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, this.length))
  }

  private readonly onClose = (): void => {
    this.stop()
    this.fail(this.cutOff(this.stream.message.errored ?? undefined))
  }
}

class ReadPiece extends BodyWait<Uint8Array | undefined> {
  start(): boolean {
    if (this.take()) return true
    const { message } = this.stream
    message.on('readable', this.onReadable)
    message.on('end', this.onReadable)
    message.on('close', this.onReadable)
    this.startClock()
    return false
  }

  /** Takes what is there; answers whether there was something, be it the end. */
  private take(): boolean {
    const { message } = this.stream
    const piece = message.read() as Uint8Array | null
    if (piece !== null) {
      this.outcome = piece
      return true
    }
    if (message.readableEnded) {
      this.outcome = undefined
      return true
    }
    if (message.destroyed || message.errored !== null) throw this.cutOff(message.errored ?? undefined)
    return false
  }

  cancel(): void {
    this.stop()
  }

  private stop(): void {
    const { message } = this.stream
    message.off('readable', this.onReadable)
    message.off('end', this.onReadable)
    message.off('close', this.onReadable)
  }

  private readonly onReadable = (): void => {
    try {
      if (!this.take()) return
    } catch (error) {
      this.stop()
      this.fail(error)
      return
    }
    this.stop()
    this.wake(this.outcome as Uint8Array | undefined)
  }
}
