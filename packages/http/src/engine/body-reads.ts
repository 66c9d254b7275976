import { Blocking, now } from '@greenlit/core/engine'
import { ReadTimeout } from '../errors/read-timeout.ts'
import { ResponseTooSlow } from '../errors/response-too-slow.ts'
import type { Limits } from './engine.ts'

/** A body that can be read. */
export interface BodySource {
  /** The host it is received from, for error messages. */
  readonly host: string
  /** The operation that is waiting for bytes. */
  reader: Reader | undefined
  /** Milliseconds that readers have waited, and bytes received, since the rate was last checked. */
  rateWaited: number
  rateBytes: number
  /** How many bytes can be taken without waiting. */
  readonly available: number
  /** Whether no more bytes will be received. */
  readonly isComplete: boolean
  /** Takes all bytes received so far. */
  take(): Uint8Array
  /** Announces that the whole body will be taken at once, unless it is larger than `maxBytes`. */
  expectWhole(maxBytes: number): void
  /** Resumes a paused connection; returns whether it was paused. More bytes, and the end, may be received within the call. */
  resumeFlow(): boolean
  /** Throws and closes the connection if more than `maxBytes` are held. */
  checkSize(maxBytes: number): void
  /** Throws if the body broke off or was dropped, and every byte received before has been taken. */
  check(): void
  /** Throws if the body broke off or was dropped, even if bytes of it are left to take. */
  checkWhole(): void
  /** Closes the connection. */
  destroy(): void
}

/** Notified when a body has more bytes, or has ended. */
export interface Reader {
  notify(): void
}

/** A wait for bytes, limited by silence, by the minimum rate and by the deadline. A kill or timeout closes the connection. */
abstract class BodyRead<T> extends Blocking<T> implements Reader {
  protected readonly body: BodySource
  protected readonly limits: Limits
  private lastByteAt = 0
  private countedAt = 0

  constructor(body: BodySource, limits: Limits) {
    super()
    this.body = body
    this.limits = limits
  }

  override get isExternal(): boolean {
    return true
  }

  start(): boolean {
    const { body } = this
    if (this.advance()) return true
    body.reader = this
    this.prepare()
    this.lastByteAt = now()
    this.countedAt = this.lastByteAt
    if (body.resumeFlow() && this.completesAtOnce()) return true
    const left = this.timeLeft()
    if (left !== Infinity) this.limit(left)
    return false
  }

  notify(): void {
    const { limits, body } = this
    // `start` itself handles the bytes received while it resumes the connection.
    if (!this.isWaiting) return
    if (limits.read !== undefined) this.lastByteAt = now()
    try {
      if (!this.advance()) return
    } catch (error) {
      this.stopWaiting()
      this.fail(error)
      return
    }
    if (body.reader === undefined) return
    this.stopWaiting()
    this.wake(this.outcome as T)
  }

  cancel(): void {
    this.stopWaiting()
    this.body.destroy()
  }

  /** Takes the bytes that are available; returns whether the read is complete and its outcome set. */
  protected abstract advance(): boolean

  /** Called once, before waiting for more bytes. */
  protected prepare(): void {}

  override giveUp(): void {
    if (!this.isWaiting) return
    this.countWait()
    if (this.isTooSlow()) {
      this.cancel()
      const { bytes, per } = this.limits.minRate!
      this.fail(new ResponseTooSlow(`The body from ${this.body.host} came slower than ${bytes} bytes in ${per} ms`))
      return
    }
    const left = this.timeLeft()
    if (left > 0) this.limit(left)
    else super.giveUp()
  }

  override expire(): T {
    throw new ReadTimeout(`The body from ${this.body.host} did not come in time`)
  }

  describe(): string {
    return `the body from ${this.body.host}`
  }

  private completesAtOnce(): boolean {
    try {
      if (!this.advance()) return false
    } catch (error) {
      this.stopWaiting()
      throw error
    }
    this.stopWaiting()
    return true
  }

  private stopWaiting(): void {
    this.countWait()
    this.body.reader = undefined
  }

  private countWait(): void {
    if (this.limits.minRate === undefined) return
    const time = now()
    this.body.rateWaited += time - this.countedAt
    this.countedAt = time
  }

  private isTooSlow(): boolean {
    const { minRate } = this.limits
    const { body } = this
    if (minRate === undefined || body.rateWaited < minRate.per) return false
    const tooSlow = body.rateBytes < minRate.bytes
    body.rateWaited = 0
    body.rateBytes = 0
    return tooSlow
  }

  private timeLeft(): number {
    const { read, deadline, minRate } = this.limits
    const time = now()
    const silence = read === undefined ? Infinity : this.lastByteAt + read - time
    const rate = minRate === undefined ? Infinity : Math.max(minRate.per - this.body.rateWaited, 1)
    return Math.min(silence, rate, deadline === undefined ? Infinity : deadline - time)
  }
}

/** Waits for the whole body. */
export class ReadAll extends BodyRead<Uint8Array> {
  private readonly maxBytes: number

  constructor(body: BodySource, limits: Limits, maxBytes: number) {
    super(body, limits)
    this.maxBytes = maxBytes
  }

  protected override prepare(): void {
    this.body.expectWhole(this.maxBytes)
  }

  protected advance(): boolean {
    const { body } = this
    body.checkSize(this.maxBytes)
    if (!body.isComplete) return false
    body.checkWhole()
    this.outcome = body.take()
    return true
  }
}

/** Waits for the next piece of a body. */
export class ReadPiece extends BodyRead<Uint8Array | undefined> {
  protected advance(): boolean {
    const { body } = this
    if (body.available > 0) {
      this.outcome = body.take()
      return true
    }
    if (!body.isComplete) return false
    body.check()
    this.outcome = undefined
    return true
  }
}
