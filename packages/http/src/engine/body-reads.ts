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
  waited: number
  came: number
  /** How many bytes can be taken without waiting. */
  readonly available: number
  /** Whether no more bytes will be received. */
  readonly isComplete: boolean
  /** Takes all bytes received so far. */
  take(): Uint8Array
  /** Announces that the whole body will be taken at once, unless it is larger than `most` bytes. */
  expectWhole(most: number): void
  /** Resumes a paused connection; returns whether it was paused. More bytes, and the end, may be received within the call. */
  flowOn(): boolean
  /** Throws and closes the connection if more than `most` bytes are held. */
  checkSize(most: number): void
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
  private lookedAt = 0

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
    this.lookedAt = this.lastByteAt
    if (body.flowOn() && this.isDoneAtOnce()) return true
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
      this.leave()
      this.fail(error)
      return
    }
    if (body.reader === undefined) return
    this.leave()
    this.wake(this.outcome as T)
  }

  cancel(): void {
    this.leave()
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

  private isDoneAtOnce(): boolean {
    try {
      if (!this.advance()) return false
    } catch (error) {
      this.leave()
      throw error
    }
    this.leave()
    return true
  }

  private leave(): void {
    this.countWait()
    this.body.reader = undefined
  }

  private countWait(): void {
    if (this.limits.minRate === undefined) return
    const time = now()
    this.body.waited += time - this.lookedAt
    this.lookedAt = time
  }

  private isTooSlow(): boolean {
    const { minRate } = this.limits
    const { body } = this
    if (minRate === undefined || body.waited < minRate.per) return false
    const tooSlow = body.came < minRate.bytes
    body.waited = 0
    body.came = 0
    return tooSlow
  }

  private timeLeft(): number {
    const { read, deadline, minRate } = this.limits
    const time = now()
    const silence = read === undefined ? Infinity : this.lastByteAt + read - time
    const rate = minRate === undefined ? Infinity : Math.max(minRate.per - this.body.waited, 1)
    return Math.min(silence, rate, deadline === undefined ? Infinity : deadline - time)
  }
}

/** Waits for the whole body. */
export class ReadAll extends BodyRead<Uint8Array> {
  private readonly most: number

  constructor(body: BodySource, limits: Limits, most: number) {
    super(body, limits)
    this.most = most
  }

  protected override prepare(): void {
    this.body.expectWhole(this.most)
  }

  protected advance(): boolean {
    const { body } = this
    body.checkSize(this.most)
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
