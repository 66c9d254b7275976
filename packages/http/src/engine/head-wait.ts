import { Blocking, now } from '@greenlit/core/engine'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ReadTimeout } from '../errors/read-timeout.ts'
import type { EngineRequest, EngineResponse } from './engine.ts'

/**
 * One exchange, up to the head of its response. While the connection is being made its limit is the one for connecting; then the
 * one for reading, which is for the silence of the server and not for the time that it takes to send a body; the deadline of the
 * whole exchange holds throughout. An engine says how it begins and breaks off, and reports `connected` or `failed`, before the wait
 * or during it, and `arrived` during it.
 */
export abstract class HeadWait extends Blocking<EngineResponse> {
  protected readonly request: EngineRequest
  protected isConnecting = true
  /** The head, once it came. */
  response: EngineResponse | undefined = undefined
  private failure: unknown = undefined
  private hasBegun = false
  protected isCalledOff = false
  private dueAt = Infinity
  /** Whether the source of the body is asked for more: however long that takes, the server is not to blame. */
  awaitsSource = false
  private lastUnsent = 0

  constructor(request: EngineRequest) {
    super()
    this.request = request
  }

  override get isExternal(): boolean {
    return true
  }

  /** Sends the request. */
  protected abstract send(): void

  /** How much waits to be sent, in a measure that changes as it goes out. */
  protected abstract unsent(): number

  /** Breaks the exchange off and closes its connection. */
  abstract abort(): void

  /** Sends the request, if that is not done yet. */
  begin(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.setDue(this.request.limits.connect)
    this.send()
  }

  start(): boolean {
    this.begin()
    if (this.failure !== undefined) throw this.failure
    if (this.dueAt !== Infinity) this.limit(this.dueAt - now())
    return false
  }

  /** The connection is there. */
  protected connected(): void {
    if (!this.isConnecting) return
    this.isConnecting = false
    this.setDue(this.request.limits.read)
  }

  /** A part of the body, or its end, went to the connection: the server has its time from now on. */
  progressed(): void {
    if (!this.isConnecting) this.setDue(this.request.limits.read)
  }

  /** The head of the response is there. */
  protected arrived(response: EngineResponse): void {
    this.response = response
    if (this.isWaiting) this.wake(response)
  }

  /** Ends the exchange with an error, unless it has ended. */
  failed(error: unknown): void {
    if (this.response !== undefined || this.failure !== undefined || this.isCalledOff) return
    this.failure = error
    if (this.isWaiting) this.fail(error)
  }

  cancel(): void {
    // The connection may say at once that it broke: that is not why the wait ended.
    this.isCalledOff = true
    this.abort()
  }

  /** A response that a kill kept from being delivered gives its connection back. */
  protected override discard(): void {
    this.response?.body.destroy()
  }

  /** The due time moves as the exchange goes on: the timer looks again when it fires. */
  override giveUp(): void {
    const left = this.dueAt - now()
    if (left > 0) {
      this.limit(left)
    } else if (this.isSending()) {
      this.setDue(this.request.limits.read)
      this.limit(this.dueAt - now())
    } else {
      super.giveUp()
    }
  }

  /** Whether the body still goes out, or did since this was asked last. */
  private isSending(): boolean {
    const { body, limits } = this.request
    if (this.isConnecting || body === undefined || limits.read === undefined) return false
    if (limits.deadline !== undefined && now() >= limits.deadline) return false
    if (this.awaitsSource) return true
    const unsent = this.unsent()
    const hasMoved = unsent !== this.lastUnsent
    this.lastUnsent = unsent
    return hasMoved
  }

  override expire(): EngineResponse {
    const { host } = this.request.url
    if (this.isConnecting) throw new ConnectTimeout(`No connection to ${host} in time`)
    throw new ReadTimeout(`No answer from ${host} in time`)
  }

  describe(): string {
    return `an answer from ${this.request.url.host}`
  }

  private setDue(milliseconds: number | undefined): void {
    const deadline = this.request.limits.deadline ?? Infinity
    const due = milliseconds === undefined ? deadline : Math.min(deadline, now() + milliseconds)
    const isEarlier = due < this.dueAt
    this.dueAt = due
    // A later time is noticed when the timer fires; an earlier one needs a timer of its own.
    if (isEarlier && this.isWaiting) this.limit(due - now())
  }
}
