import type { Operation } from '@greenlit/core'
import { ConnectionError } from '../errors/connection-error.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import { type BodySource, ReadAll, type Reader, ReadPiece } from './body-reads.ts'
import type { Limits, ResponseStream } from './engine.ts'

/** How many bytes are buffered before the connection is paused: more than one read of a socket returns. */
const HIGH_WATER = 128 * 1024
/** The largest declared length for which memory is allocated in advance. */
const MAX_PREALLOCATED = 1024 * 1024
/** How many bytes of an unwanted body are read so that its connection can be reused, and how long that may take, in milliseconds. */
const MAX_DRAINED = 64 * 1024
const DRAIN_TIMEOUT = 1000

const NO_BYTES = new Uint8Array(0)

/** The origin of a body. */
interface BodyOrigin {
  readonly host: string
}

/** Flow control of the connection that a body is received on. */
export interface BodyFlow {
  pause(): void
  resume(): void
  /** Closes the connection. */
  abort(): void
  /** The unwanted bodies of the engine that are being read to their end; destroying one closes its connection. */
  readonly draining: Set<IncomingBody>
}

/**
 * The body of a response, between the connection that pushes bytes and the greenlet that takes them. With 128 KiB buffered the
 * connection is paused.
 */
export class IncomingBody implements ResponseStream, BodySource {
  /** @internal The operation that is waiting for bytes. */
  reader: Reader | undefined = undefined
  /** @internal Milliseconds that readers have waited, and bytes received, since the rate was last checked. */
  rateWaited = 0
  /** @internal */
  rateBytes = 0
  private readonly source: BodyOrigin
  private readonly flow: BodyFlow
  /** The declared length in bytes; 0 if none was declared. */
  private readonly length: number
  /** The buffered bytes; most bodies are received in one piece and need no array. */
  private first: Uint8Array | undefined = undefined
  private more: Uint8Array[] | undefined = undefined
  /** The buffer that everything is copied into as it is received, once a reader wants the whole body. */
  private joined: Uint8Array | undefined = undefined
  private held = 0
  private received = 0
  private paused = false
  private state: 'open' | 'ended' | 'failed' | 'dropped' = 'open'
  private failure: Error | undefined = undefined
  private drainTimer: NodeJS.Timeout | undefined = undefined

  /**
   * @param source the URL it is received from, whose host is named in errors
   * @param length the declared length in bytes, if any
   */
  constructor(source: BodyOrigin, flow: BodyFlow, length: number | undefined) {
    this.source = source
    this.flow = flow
    this.length = length ?? 0
  }

  /** @internal The host it is received from, for error messages. */
  get host(): string {
    return this.source.host
  }

  whole(maxBytes: number): Uint8Array | undefined {
    if (this.state !== 'ended') return undefined
    this.checkSize(maxBytes)
    return this.take()
  }

  readAll(limits: Limits, maxBytes: number): Operation<Uint8Array> {
    return new ReadAll(this, limits, maxBytes)
  }

  read(limits: Limits): Operation<Uint8Array | undefined> {
    return new ReadPiece(this, limits)
  }

  /** Called with bytes from the connection. */
  push(bytes: Uint8Array): void {
    this.received += bytes.length
    if (this.state !== 'open') {
      if (this.received > MAX_DRAINED) this.stopDraining(true)
      return
    }
    this.rateBytes += bytes.length
    if (this.joined === undefined) this.append(bytes)
    else if (this.held + bytes.length <= this.joined.length) this.joined.set(bytes, this.held)
    else this.spill(this.joined, bytes)
    this.held += bytes.length
    if (this.reader !== undefined) this.reader.notify()
    else if (this.held >= HIGH_WATER && !this.paused) {
      this.paused = true
      this.flow.pause()
    }
  }

  /** Whether exactly the declared number of bytes was received. */
  get isWhole(): boolean {
    return this.received === this.length
  }

  /** Called when the body was received to its end. */
  end(): void {
    if (this.state === 'dropped') this.stopDraining(false)
    if (this.state !== 'open') return
    this.state = 'ended'
    this.reader?.notify()
  }

  /** Called when the connection broke before the end of the body. */
  fail(error: Error): void {
    if (this.state === 'dropped') this.stopDraining(false)
    if (this.state !== 'open') return
    this.state = 'failed'
    this.failure = error
    this.reader?.notify()
  }

  /** @internal How many bytes can be taken without waiting. */
  get available(): number {
    return this.held
  }

  /** @internal Whether no more bytes will be received. */
  get isComplete(): boolean {
    return this.state !== 'open'
  }

  /** @internal Takes all bytes received so far. */
  take(): Uint8Array {
    const all = this.joined?.subarray(0, this.held) ?? this.concatenate()
    this.clear()
    return all
  }

  /**
   * @internal Announces that the whole body will be taken at once. Each piece is then copied to its place as it is received, while it
   * is still in the processor's cache, which is cheaper than joining the pieces at the end.
   */
  expectWhole(maxBytes: number): void {
    if (!(this.length > this.held && this.length <= Math.min(maxBytes, MAX_PREALLOCATED))) return
    const joined = Buffer.allocUnsafeSlow(this.length)
    let at = 0
    for (const piece of this.more ?? [this.first ?? NO_BYTES]) {
      joined.set(piece, at)
      at += piece.length
    }
    this.first = undefined
    this.more = undefined
    this.joined = joined
  }

  /** @internal Resumes a paused connection; returns whether it was paused. */
  resumeFlow(): boolean {
    if (!this.paused) return false
    this.paused = false
    this.flow.resume()
    return true
  }

  /** @internal Throws if the body broke off or was dropped, and every byte received before has been taken. */
  check(): void {
    if (this.failure !== undefined && this.held === 0) throw this.failure
  }

  /** @internal Throws and closes the connection if more than `maxBytes` are held. */
  checkSize(maxBytes: number): void {
    if (this.held <= maxBytes) return
    this.breakOff()
    throw new ResponseTooLarge(`The body from ${this.host} is larger than ${maxBytes} bytes`)
  }

  /** @internal Throws if the body broke off or was dropped, even if bytes of it are left to take. */
  checkWhole(): void {
    if (this.failure !== undefined) throw this.failure
  }

  discard(): void {
    if (this.state !== 'open') return
    this.drop()
    if (this.received > MAX_DRAINED || this.length - this.received > MAX_DRAINED) {
      this.flow.abort()
      return
    }
    this.received = 0
    this.drainTimer = setTimeout(() => this.stopDraining(true), DRAIN_TIMEOUT)
    this.drainTimer.unref()
    this.flow.draining.add(this)
  }

  destroy(): void {
    this.stopDraining(true)
    this.breakOff()
    // Another greenlet may be waiting for bytes.
    this.reader?.notify()
  }

  private breakOff(): void {
    if (this.state === 'ended') return
    const wasOpen = this.state === 'open'
    this.drop()
    if (wasOpen) this.flow.abort()
  }

  /** Sets an error, so that a caller that goes on reading does not take this for the end of the body. */
  private drop(): void {
    this.state = 'dropped'
    this.failure ??= new ConnectionError(`The body from ${this.host} was closed before its end`)
    this.clear()
  }

  private append(bytes: Uint8Array): void {
    if (this.first === undefined) this.first = bytes
    else if (this.more === undefined) this.more = [this.first, bytes]
    else this.more.push(bytes)
  }

  /** Called when more bytes were received than declared: goes back to an array of pieces. */
  private spill(joined: Uint8Array, bytes: Uint8Array): void {
    this.joined = undefined
    this.append(joined.subarray(0, this.held))
    this.append(bytes)
  }

  private concatenate(): Uint8Array {
    return this.more === undefined ? (this.first ?? NO_BYTES) : Buffer.concat(this.more, this.held)
  }

  private clear(): void {
    this.first = undefined
    this.more = undefined
    this.joined = undefined
    this.held = 0
  }

  private stopDraining(abort: boolean): void {
    if (this.drainTimer === undefined) return
    clearTimeout(this.drainTimer)
    this.drainTimer = undefined
    this.flow.draining.delete(this)
    if (abort) this.flow.abort()
  }
}
