import { Blocking, now } from '@greenlit/core/engine'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ReadTimeout } from '../errors/read-timeout.ts'
import type { EngineRequest, EngineResponse } from './engine.ts'

/**
 * Waits for one exchange up to the head of its response. While the connection is being made, the connect limit applies; then the read
 * limit, which covers the server's silence but not the time it takes to send a body. The deadline applies throughout.
 *
 * A subclass implements `send` and `abort`. It calls `connected` or `failed` before or during the wait, and `arrived` during it.
 */
export abstract class HeadWait extends Blocking<EngineResponse> {
  protected readonly request: EngineRequest
  protected isConnecting = true
  /** The head, once received. */
  response: EngineResponse | undefined = undefined
  private failure: unknown = undefined
  private hasBegun = false
  protected isCancelled = false
  private dueAt = Infinity
  /** Whether the body's source is being waited for: however long that takes, it does not count as the server's silence. */
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

  /** How much is still to be sent, in any unit that changes as it is sent. */
  protected abstract unsent(): number

  /** Aborts the exchange and closes its connection. */
  abstract abort(): void

  /** Sends the request, unless that has been done. */
  begin(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    const { connect, deadline } = this.request.limits
    this.setDue(connect)
    // A redirect or a challenge may have used up the time.
    if (deadline !== undefined && now() >= deadline) this.failed(this.late())
    else this.send()
  }

  start(): boolean {
    this.begin()
    if (this.failure !== undefined) throw this.failure
    if (this.dueAt !== Infinity) this.limit(this.dueAt - now())
    return false
  }

  /** Called when the connection is made: from now on the read limit applies. */
  protected connected(): void {
    if (!this.isConnecting) return
    this.isConnecting = false
    this.setDue(this.request.limits.read)
  }

  /** Called when a part of the body, or its end, was handed to the connection: the read limit starts again. */
  progressed(): void {
    if (!this.isConnecting) this.setDue(this.request.limits.read)
  }

  /** Called when the head of the response is received: ends the wait. */
  protected arrived(response: EngineResponse): void {
    this.response = response
    if (this.isWaiting) this.wake(response)
  }

  /** Ends the exchange with an error, unless it has already ended. */
  failed(error: unknown): void {
    if (this.response !== undefined || this.failure !== undefined || this.isCancelled) return
    this.failure = error
    if (this.isWaiting) this.fail(error)
  }

  cancel(): void {
    // Closing the connection may report an error synchronously; it is not the reason why the wait ended.
    this.isCancelled = true
    this.abort()
  }

  /** Closes the connection of a response that arrived but was not delivered because of a kill. */
  protected override discard(): void {
    this.response?.body.destroy()
  }

  /** Called when the timer fires. The due time moves as the exchange proceeds, so the timer may have to be set again. */
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

  /** Whether the body is still being sent, or was since the last call. */
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
    throw this.late()
  }

  private late(): ConnectTimeout | ReadTimeout {
    const { host } = this.request.url
    if (this.isConnecting) return new ConnectTimeout(`No connection to ${host} in time`)
    return new ReadTimeout(`No answer from ${host} in time`)
  }

  describe(): string {
    return `an answer from ${this.request.url.host}`
  }

  private setDue(milliseconds: number | undefined): void {
    const deadline = this.request.limits.deadline ?? Infinity
    const due = milliseconds === undefined ? deadline : Math.min(deadline, now() + milliseconds)
    const isEarlier = due < this.dueAt
    this.dueAt = due
    // A later due time is noticed when the timer fires; an earlier one needs a new timer.
    if (isEarlier && this.isWaiting) this.limit(due - now())
  }
}
