import * as http from 'node:http'
import * as https from 'node:https'
import type { Socket } from 'node:net'
import { Blocking, now } from '@greenlit/core/engine'
import { ConnectTimeout } from '../errors/connect-timeout.ts'
import { ReadTimeout } from '../errors/read-timeout.ts'
import type { EngineRequest, EngineResponse } from './engine.ts'
import { failureOf } from './failure.ts'
import { MessageStream } from './message-stream.ts'

/**
 * One request on Node's client, up to the head of its response. While the connection is being made its limit is the one for
 * connecting; then the one for reading; the deadline of the whole exchange holds throughout.
 */
export class Exchange extends Blocking<EngineResponse> {
  /** The request under way, from `begin` on. */
  message: http.ClientRequest | null = null
  private readonly options: https.RequestOptions
  private readonly request: EngineRequest
  private readonly body: Uint8Array | undefined
  private connecting = true
  private dueAt = Infinity
  private response: http.IncomingMessage | null = null
  private failure: Error | null = null

  constructor(options: https.RequestOptions, request: EngineRequest, body: Uint8Array | undefined) {
    super()
    this.options = options
    this.request = request
    this.body = body
  }

  override get isExternal(): boolean {
    return true
  }

  /** Opens the request; its body and end may then be written. */
  begin(): http.ClientRequest {
    const message = (this.options.protocol === 'https:' ? https : http).request(this.options)
    this.message = message
    message.on('response', this.onResponse)
    message.on('error', this.onError)
    message.on('socket', this.onSocket)
    this.setDue(this.request.limits.connect)
    return message
  }

  start(): boolean {
    if (this.message === null) this.begin().end(this.body)
    if (this.failure !== null) throw this.failure
    if (this.response !== null) {
      this.outcome = this.head(this.response)
      return true
    }
    if (this.dueAt !== Infinity) this.limit(this.dueAt - now())
    return false
  }

  cancel(): void {
    this.message?.destroy()
  }

  /** Moves the due time as the exchange goes on; the timer looks again when it fires. */
  override giveUp(): void {
    const left = this.dueAt - now()
    if (left > 0) this.limit(left)
    else super.giveUp()
  }

  override expire(): EngineResponse {
    const Failure = this.connecting ? ConnectTimeout : ReadTimeout
    throw new Failure(`No ${this.connecting ? 'connection' : 'answer'} from ${this.request.url.host} in time`)
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
    if (isEarlier && this.isWaiting && due !== Infinity) this.limit(due - now())
  }

  private readonly onSocket = (socket: Socket): void => {
    if (!socket.connecting) {
      this.onConnect()
      return
    }
    socket.once(this.options.protocol === 'https:' ? 'secureConnect' : 'connect', this.onConnect)
  }

  private readonly onConnect = (): void => {
    this.connecting = false
    this.setDue(this.request.limits.read)
  }

  private readonly onResponse = (response: http.IncomingMessage): void => {
    response.on('error', ignore)
    if (this.isWaiting) {
      this.wake(this.head(response))
    } else {
      this.response = response
    }
  }

  private head(response: http.IncomingMessage): EngineResponse {
    return {
      statusCode: response.statusCode ?? 0,
      reason: response.statusMessage ?? '',
      httpVersion: response.httpVersion,
      rawHeaders: response.rawHeaders,
      body: new MessageStream(response, this.message!, this.request.url.host),
    }
  }

  private readonly onError = (error: Error): void => {
    this.failure = failureOf(error, this.request, this.connecting)
    this.fail(this.failure)
  }
}

function ignore(): void {}
