import { PassThrough } from 'node:stream'
import type { EngineRequest, EngineResponse } from '../engine/engine.ts'
import { bodyFailure, failureOf } from '../engine/failure.ts'
import { type Framing, framingOf, type HeaderPart, textOf } from '../engine/framing.ts'
import { HeadWait } from '../engine/head-wait.ts'
import { IDEMPOTENT } from '../engine/idempotent.ts'
import { type BodyFlow, IncomingBody } from '../engine/incoming-body.ts'
import { omitsZeroLength, withAddedHeaders } from './added-headers.ts'
import type { DispatchClient, DispatchOptions } from './client.ts'
import type { Connection } from './connection.ts'

const LENGTH_MISMATCH = 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
const STALE = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** Provides connections. */
export interface ConnectionSource {
  take(request: EngineRequest): Connection
  /** See `BodyFlow`. */
  readonly draining: Set<IncomingBody>
}

/** The head of a response. Its headers are decoded only when they are asked for. */
class UndiciHead implements EngineResponse {
  readonly statusCode: number
  readonly reason: string
  readonly framing: Framing
  readonly body: IncomingBody
  private readonly parts: readonly HeaderPart[]

  constructor(statusCode: number, reason: string, parts: readonly HeaderPart[], framing: Framing, body: IncomingBody) {
    this.statusCode = statusCode
    this.reason = reason
    this.parts = parts
    this.framing = framing
    this.body = body
  }

  get rawHeaders(): readonly string[] {
    return this.parts.map(textOf)
  }
}

/** One request on undici, up to the head of its response. Subclasses implement undici's callbacks. */
export abstract class UndiciExchange extends HeadWait implements BodyFlow {
  /** The destination of the body, if it is sent in pieces. */
  readonly message: PassThrough | undefined
  private readonly connections: ConnectionSource
  private connection: Connection | undefined = undefined
  private body: IncomingBody | undefined = undefined
  /** Whether the response declares no length, so that it may last until the connection ends. */
  private isEndless = false

  constructor(connections: ConnectionSource, request: EngineRequest) {
    super(request)
    this.connections = connections
    const { body } = request
    this.message = body === undefined || body instanceof Uint8Array ? undefined : new PassThrough()
  }

  protected send(): void {
    const connection = this.connections.take(this.request)
    this.connection = connection
    if (connection.isReady) this.connected()
    else connection.onConnect = () => this.connected()
    const { method, target, body } = this.request
    const { headers, refused, reset, isEmpty } = connection.linesFor(this.request.headers)
    const content = body instanceof Uint8Array ? body : body === undefined ? null : piecesOf(this.message!)
    connection.expectHead()
    const options = { method, path: target, headers, body: content, reset }
    const added = isEmpty && omitsZeroLength(method) ? [...refused, 'Content-Length', '0'] : refused
    if (added.length === 0) this.dispatch(connection.client, options)
    else withAddedHeaders(added, () => this.dispatch(connection.client, options))
  }

  /** Passes the request to undici, with this exchange as the handler. */
  protected abstract dispatch(client: DispatchClient, options: DispatchOptions): void

  get draining(): Set<IncomingBody> {
    return this.connections.draining
  }

  abstract pause(): void

  abstract resume(): void

  protected unsent(): number {
    return this.connection?.unsent ?? 0
  }

  abort(): void {
    this.connection?.close()
    this.message?.destroy()
  }

  /** Called when the head of a response is received. */
  protected headReceived(statusCode: number, reason: string, parts: readonly HeaderPart[]): void {
    if (statusCode < 200) return
    const framing = framingOf(parts)
    const body = new IncomingBody(this.request.url, this, framing.contentLength)
    this.isEndless = framing.contentLength === undefined
    this.body = body
    // These have no body, whatever length they declare; undici would wait for it in vain and call it cut off.
    if (statusCode === 204 || statusCode === 304) body.end()
    this.arrived(new UndiciHead(statusCode, this.connection!.reason ?? reason, parts, framing, body))
  }

  protected dataReceived(bytes: Uint8Array): void {
    this.body!.push(bytes)
  }

  /** Called when the response is complete. */
  protected ended(): void {
    const { message } = this
    const { reset } = this.connection!
    // undici takes a body without a length that was cut off by a reset for complete.
    if (reset !== undefined && this.isEndless) {
      this.broke(reset)
      return
    }
    if (message === undefined || message.readableEnded) this.connection!.release()
    // The server would take the next request for the missing rest of the upload.
    else this.abort()
    this.body!.end()
  }

  /** Called when the request failed, or its response broke off. */
  protected broke(error: Error): void {
    if (this.body !== undefined) {
      this.connection!.close()
      this.message?.destroy()
      // undici 8 counts white space after the length as digits of it.
      if ((error as { code?: unknown }).code === LENGTH_MISMATCH && this.body.isWhole) this.body.end()
      else this.body.fail(bodyFailure(this.request.url.host, error))
      return
    }
    const isStale = !this.isCancelled && this.isStale(error)
    this.connection!.close()
    if (isStale) {
      this.send()
      return
    }
    this.message?.destroy()
    this.failed(failureOf(error, this.request, this.isConnecting))
  }

  /** Whether the server closed a kept-alive connection just as the request was sent: it is then sent again on another connection. */
  private isStale(error: Error & { code?: unknown }): boolean {
    const { served, hasAnswered } = this.connection!
    if (served === 0 || hasAnswered || this.message !== undefined || !IDEMPOTENT.has(this.request.method)) return false
    return STALE.has(String(error.code))
  }
}

/** Hides the stream: for one that has ended, undici would count the bytes and send a length that was not declared. */
function piecesOf(stream: PassThrough): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }
}
