import { decodeReason } from '../engine/decode-reason.ts'
import type { EngineRequest } from '../engine/engine.ts'
import { bodyFailure, failureOf, statusFailure } from '../engine/failure.ts'
import { HeadWait } from '../engine/head-wait.ts'
import { IDEMPOTENT } from '../engine/idempotent.ts'
import { type BodyFlow, IncomingBody } from '../engine/incoming-body.ts'
import { unsentOn } from '../engine/unsent.ts'
import type { UploadExchange } from '../engine/upload.ts'
import { type BodyReader, MeasuredReader } from './body-reader.ts'
import { ChunkedReader } from './chunked-reader.ts'
import { type Connection, type ConnectionUser, INTERIM, type IncomingFrame } from './connection.ts'
import type { ConnectionPool } from './connection-pool.ts'
import type { HeadParser } from './head-parser.ts'
import { NativeHead } from './native-head.ts'
import { type HeaderBlock, requestLine } from './request-head.ts'
import { sendMessage } from './send-message.ts'
import { UploadSink } from './upload-sink.ts'

/** One request and its response on a connection of the native engine. */
export class NativeExchange extends HeadWait implements BodyFlow, ConnectionUser, UploadExchange {
  /** The destination of the body, if it is sent in pieces. */
  readonly message: UploadSink | undefined
  readonly draining: Set<IncomingBody>
  private readonly pool: ConnectionPool
  private connection: Connection | undefined = undefined
  private body: IncomingBody | undefined = undefined
  private head = ''
  private headerBlock: HeaderBlock | undefined = undefined

  constructor(pool: ConnectionPool, request: EngineRequest, draining: Set<IncomingBody>) {
    super(request)
    this.draining = draining
    this.pool = pool
    const { body } = request
    this.message =
      body === undefined || body instanceof Uint8Array ? undefined : new UploadSink(body.length === undefined)
  }

  protected send(): void {
    const { method, target, headers } = this.request
    this.headerBlock = this.pool.blockOf(headers)
    this.head = requestLine(method, target) + this.headerBlock.text
    this.connection = this.pool.take(this)
  }

  protected unsent(): number {
    return unsentOn(this.connection?.netSocket)
  }

  abort(): void {
    this.connection?.close()
    this.connection = undefined
    this.message?.destroy()
  }

  pause(): void {
    this.connection?.pause()
  }

  resume(): void {
    this.connection?.resume()
  }

  opened(connection: Connection): void {
    this.connection = connection
    this.connected()
    const { body } = this.request
    const socket = connection.netSocket!
    sendMessage(socket, this.head, body instanceof Uint8Array ? body : undefined, this.headerBlock!.isChunked)
    this.message?.open(socket)
  }

  get isSent(): boolean {
    return (this.message === undefined || this.message.isComplete) && !this.headerBlock!.closes
  }

  headReceived(head: HeadParser): IncomingFrame {
    const { statusCode, fields } = head
    const { url } = this.request
    if (statusCode < 100 || statusCode === 101) {
      this.failed(statusFailure(url.host, statusCode))
      this.abort()
      return INTERIM
    }
    if (statusCode < 200) return INTERIM
    const body = new IncomingBody(url, this, fields.contentLength)
    this.body = body
    this.arrived(new NativeHead(statusCode, decodeReason(head.reason), head.lines, fields, body))
    return { reader: this.readerFor(head), target: body }
  }

  ended(): void {
    this.connection = undefined
    this.body!.end()
    // The server would take a next request for the missing rest of the upload: `isSent` has had the connection closed.
    if (this.message?.isComplete === false) this.message.destroy()
  }

  broke(error: Error, connection: Connection): void {
    this.connection = undefined
    if (this.body !== undefined) {
      this.message?.destroy()
      this.body.fail(bodyFailure(this.request.url.host, error))
    } else if (this.isStale(error, connection)) {
      this.connection = this.pool.open(this)
    } else {
      this.failed(failureOf(error, this.request, this.isConnecting))
    }
  }

  /** Chooses how to find the end of the body (RFC 9112 section 6.3). */
  private readerFor({ statusCode, fields }: HeadParser): BodyReader | undefined {
    if (this.request.method === 'HEAD' || statusCode === 204 || statusCode === 304) return undefined
    if (fields.isChunked) return new ChunkedReader()
    return new MeasuredReader(fields.contentLength ?? Infinity)
  }

  /** Whether the server closed a kept-alive connection just as the request was sent: it is then sent again on another connection. */
  private isStale(error: Error & { code?: unknown }, connection: Connection): boolean {
    if (connection.served === 0 || connection.hasAnswered) return false
    if (this.message !== undefined || !IDEMPOTENT.has(this.request.method)) return false
    return error.code === 'ECONNRESET' || error.code === 'EPIPE'
  }
}
