import { Blocking, now } from '@greenlit/core/engine'
import { ReadTimeout } from '../errors/read-timeout.ts'
import { ResponseTooSlow } from '../errors/response-too-slow.ts'
import type { Limits } from './engine.ts'

/** The body that is read from. */
export interface BodySource {
  /** Where it comes from, to name it in errors. */
  readonly host: string
  /** What waits for bytes. */
  reader: Reader | undefined
  /** Milliseconds that readers waited, and bytes that came, since the rate was last looked at. */
  waited: number
  came: number
  /** How many bytes are there to be taken. */
  readonly available: number
  /** Whether all that will come is there. */
  readonly isComplete: boolean
  /** Everything that is there. */
  take(): Uint8Array
  /** All of it will be taken at once, unless it is larger than so many bytes. */
  expectWhole(most: number): void
  /** Lets the connection go on; answers whether it was made to wait. It may give more, and end, right here. */
  flowOn(): boolean
  /** Throws, and closes the connection, if there are more bytes than allowed. */
  checkSize(most: number): void
  /** Throws if the body broke off, or was dropped, and all that came has been taken. */
  check(): void
  /** Throws if the body broke off, however much of it is there. */
  checkWhole(): void
  /** Closes the connection. */
  destroy(): void
}

/** What is told that a body has more, or ended. */
export interface Reader {
  notify(): void
}

/** A wait for bytes: limited by silence, by the rate at which they come and by the deadline. A kill or timeout closes the connection. */
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
    // What comes while the flow is let go on is looked at by `start`.
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

  /** Takes what is there; answers whether the read is done, its outcome set. */
  protected abstract advance(): boolean

  /** More will have to come. */
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

/** Waits for all of a body. */
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

/** Waits for what comes next of a body. */
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
