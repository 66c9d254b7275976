import type { Operation } from '@greenlit/core'
import { ConnectionError } from '../errors/connection-error.ts'
import { ResponseTooLarge } from '../errors/response-too-large.ts'
import { type BodySource, ReadAll, type Reader, ReadPiece } from './body-reads.ts'
import type { Limits, ResponseStream } from './engine.ts'

/** How much is held for a reader before the server is made to wait: more than one read of a socket gives. */
const HIGH_WATER = 128 * 1024
/** The largest body for which memory is set aside on the word of its length alone. */
const MOST_EXPECTED = 1024 * 1024
/** How much of an unwanted body is read so that its connection can serve again, and how long that may take, in milliseconds. */
const MOST_DRAINED = 64 * 1024
const LONGEST_DRAIN = 1000

const NO_BYTES = new Uint8Array(0)

/** Where a body comes from. */
interface BodyOrigin {
  readonly host: string
}

/** What a body can tell the connection that it comes from. */
export interface BodyFlow {
  pause(): void
  resume(): void
  /** Closes the connection. */
  abort(): void
}

/**
 * The body of a response between the connection, which pushes, and a greenlet, which takes. Beyond 128 KiB that nobody takes the
 * connection is paused.
 */
export class IncomingBody implements ResponseStream, BodySource {
  /** @internal What waits for bytes. */
  reader: Reader | undefined = undefined
  /** @internal Milliseconds that readers waited, and bytes that came, since the rate was last looked at. */
  waited = 0
  /** @internal */
  came = 0
  private readonly source: BodyOrigin
  private readonly flow: BodyFlow
  /** How many bytes it has, as far as the headers tell. */
  private readonly length: number
  /** What is held; most bodies are in one piece, and need no list. */
  private first: Uint8Array | undefined = undefined
  private more: Uint8Array[] | undefined = undefined
  /** Where all of it goes as it comes, once somebody wants it whole. */
  private joined: Uint8Array | undefined = undefined
  private held = 0
  private received = 0
  private paused = false
  private state: 'open' | 'ended' | 'failed' | 'dropped' = 'open'
  private failure: Error | undefined = undefined
  private drainTimer: NodeJS.Timeout | undefined = undefined

  /**
   * @param source where it comes from: a URL, whose host errors name
   * @param length how many bytes it has, if the headers tell
   */
  constructor(source: BodyOrigin, flow: BodyFlow, length: number | undefined) {
    this.source = source
    this.flow = flow
    this.length = length ?? 0
  }

  /** @internal Where it comes from, to name it in errors. */
  get host(): string {
    return this.source.host
  }

  whole(most: number): Uint8Array | undefined {
    if (this.state !== 'ended') return undefined
    this.checkSize(most)
    return this.take()
  }

  readAll(limits: Limits, most: number): Operation<Uint8Array> {
    return new ReadAll(this, limits, most)
  }

  read(limits: Limits): Operation<Uint8Array | undefined> {
    return new ReadPiece(this, limits)
  }

  /** Takes bytes from the connection. */
  push(bytes: Uint8Array): void {
    this.received += bytes.length
    if (this.state !== 'open') {
      if (this.received > MOST_DRAINED) this.stopDraining(true)
      return
    }
    this.came += bytes.length
    if (this.joined === undefined) this.list(bytes)
    else if (this.held + bytes.length <= this.joined.length) this.joined.set(bytes, this.held)
    else this.spill(this.joined, bytes)
    this.held += bytes.length
    if (this.reader !== undefined) this.reader.notify()
    else if (this.held >= HIGH_WATER && !this.paused) {
      this.paused = true
      this.flow.pause()
    }
  }

  /** Whether as much came as was said. */
  get isWhole(): boolean {
    return this.received === this.length
  }

  /** The connection has given all of it. */
  end(): void {
    if (this.state === 'dropped') this.stopDraining(false)
    if (this.state !== 'open') return
    this.state = 'ended'
    this.reader?.notify()
  }

  /** The connection gives no more, although more was to come. */
  fail(error: Error): void {
    if (this.state === 'dropped') this.stopDraining(false)
    if (this.state !== 'open') return
    this.state = 'failed'
    this.failure = error
    this.reader?.notify()
  }

  /** @internal How many bytes are there to be taken. */
  get available(): number {
    return this.held
  }

  /** @internal Whether all that will come is there. */
  get isComplete(): boolean {
    return this.state !== 'open'
  }

  /** @internal Everything that is there. */
  take(): Uint8Array {
    const all = this.joined?.subarray(0, this.held) ?? this.inOne()
    this.forget()
    return all
  }

  /**
   * @internal All of it will be taken at once: what comes is copied where it belongs while the processor still has it at hand, which
   * costs less than to join the pieces at the end.
   */
  expectWhole(most: number): void {
    if (!(this.length > this.held && this.length <= Math.min(most, MOST_EXPECTED))) return
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

  /** @internal Lets the connection go on; answers whether it was made to wait. */
  flowOn(): boolean {
    if (!this.paused) return false
    this.paused = false
    this.flow.resume()
    return true
  }

  /** @internal Throws if the body broke off, or was dropped, and all that came has been taken. */
  check(): void {
    if (this.failure !== undefined && this.held === 0) throw this.failure
  }

  /** @internal Throws, and closes the connection, if there are more bytes than allowed. */
  checkSize(most: number): void {
    if (this.held <= most) return
    this.breakOff()
    throw new ResponseTooLarge(`The body from ${this.host} is larger than ${most} bytes`)
  }

  /** @internal Throws if the body broke off, however much of it is there. */
  checkWhole(): void {
    if (this.failure !== undefined) throw this.failure
  }

  discard(): void {
    if (this.state !== 'open') return
    this.drop()
    if (this.received > MOST_DRAINED || this.length - this.received > MOST_DRAINED) {
      this.flow.abort()
      return
    }
    this.received = 0
    this.drainTimer = setTimeout(() => this.stopDraining(true), LONGEST_DRAIN)
    this.drainTimer.unref()
  }

  destroy(): void {
    this.breakOff()
    // Somebody else may be reading.
    this.reader?.notify()
  }

  private breakOff(): void {
    if (this.state === 'ended') return
    const wasOpen = this.state === 'open'
    this.drop()
    if (wasOpen) this.flow.abort()
  }

  /** Whoever reads on must not take the end of the wait for the end of the body. */
  private drop(): void {
    this.state = 'dropped'
    this.failure ??= new ConnectionError(`The body from ${this.host} was closed before its end`)
    this.forget()
  }

  private list(bytes: Uint8Array): void {
    if (this.first === undefined) this.first = bytes
    else if (this.more === undefined) this.more = [this.first, bytes]
    else this.more.push(bytes)
  }

  /** More came than was said. */
  private spill(joined: Uint8Array, bytes: Uint8Array): void {
    this.joined = undefined
    this.list(joined.subarray(0, this.held))
    this.list(bytes)
  }

  private inOne(): Uint8Array {
    return this.more === undefined ? (this.first ?? NO_BYTES) : Buffer.concat(this.more, this.held)
  }

  private forget(): void {
    this.first = undefined
    this.more = undefined
    this.joined = undefined
    this.held = 0
  }

  private stopDraining(abort: boolean): void {
    if (this.drainTimer === undefined) return
    clearTimeout(this.drainTimer)
    this.drainTimer = undefined
    if (abort) this.flow.abort()
  }
}
