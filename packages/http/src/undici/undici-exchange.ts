import { PassThrough } from 'node:stream'
import type { EngineRequest } from '../engine/engine.ts'
import { failureOf } from '../engine/failure.ts'
import { HeadWait } from '../engine/head-wait.ts'
import { type BodyFlow, IncomingBody } from '../engine/incoming-body.ts'
import { ChunkedEncodingError } from '../errors/chunked-encoding-error.ts'
import type { DispatchController, DispatchHandler } from './client.ts'
import type { Connection } from './connection.ts'

/** RFC 9110 section 9.2.2: what a server has to bear twice. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])
/** What undici writes itself, or refuses to. */
const ITS_OWN = new Set(['connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect'])
const STALE = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

/** One request on undici, up to the head of its response. */
export class UndiciExchange extends HeadWait implements BodyFlow, DispatchHandler {
  /** Where the pieces of the body go, if it comes in pieces. */
  readonly message: PassThrough | undefined
  private readonly takeConnection: () => Connection
  private connection: Connection | undefined = undefined
  private controller: DispatchController | undefined = undefined
  private body: IncomingBody | undefined = undefined

  constructor(takeConnection: () => Connection, request: EngineRequest) {
    super(request)
    this.takeConnection = takeConnection
    const { body } = request
    this.message = body === undefined || body instanceof Uint8Array ? undefined : new PassThrough()
  }

  protected send(): void {
    const connection = this.takeConnection()
    this.connection = connection
    if (connection.isReady) this.connected()
    else connection.onConnect = () => this.connected()
    const { method, target, body, headers } = this.request
    const sent: string[] = []
    let reset = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]!
      const lower = name.toLowerCase()
      if (lower === 'connection') reset = /\bclose\b/i.test(headers[index + 1]!)
      if (!ITS_OWN.has(lower)) sent.push(name, headers[index + 1]!)
    }
    const content = body instanceof Uint8Array ? body : body === undefined ? null : piecesOf(this.message!)
    connection.client.dispatch({ method, path: target, headers: sent, body: content, reset }, this)
  }

  abort(): void {
    this.connection?.close()
    this.message?.destroy()
  }

  pause(): void {
    this.controller?.pause()
  }

  resume(): void {
    this.controller?.resume()
  }

  onRequestStart(controller: DispatchController): void {
    this.controller = controller
    this.connected()
  }

  onResponseStart(controller: DispatchController, statusCode: number, _headers: object, reason = ''): void {
    if (statusCode < 200) return
    const rawHeaders: string[] = []
    for (const text of (controller.rawHeaders ?? []) as (Buffer | string)[]) {
      rawHeaders.push(withoutEnd(typeof text === 'string' ? text : text.toString('latin1')))
    }
    const body = new IncomingBody(this.request.url.host, this, rawHeaders)
    this.body = body
    // They have no body whatever length they declare; undici would wait for it in vain and call it cut off.
    if (statusCode === 204 || statusCode === 304) body.end()
    this.arrived({ statusCode, reason, rawHeaders, body })
  }

  onResponseData(_controller: DispatchController, bytes: Uint8Array): void {
    this.body!.push(bytes)
  }

  onResponseEnd(): void {
    this.connection!.release()
    this.body!.end()
  }

  onResponseError(_controller: DispatchController, error: Error): void {
    if (this.body !== undefined) {
      this.connection!.close()
      this.message?.destroy()
      this.body.fail(
        new ChunkedEncodingError(`The body from ${this.request.url.host} ended before it was complete`, {
          cause: error,
        }),
      )
      return
    }
    const isStale = !this.isCalledOff && this.isStale(error)
    this.connection!.close()
    if (isStale) {
      this.send()
      return
    }
    this.message?.destroy()
    this.failed(failureOf(error, this.request, this.isConnecting))
  }

  /** Whether a kept connection was closed by the server just as the request went out: another one is tried then. */
  private isStale(error: Error & { code?: unknown }): boolean {
    if (this.connection!.served === 0 || this.message !== undefined || !IDEMPOTENT.has(this.request.method))
      return false
    return STALE.has(String(error.code))
  }
}

/** Of a stream that has ended undici would count the bytes, and send a length where none was declared. */
function piecesOf(stream: PassThrough): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() }
}

/** A header's value has no white space around it (RFC 9112 section 5); undici leaves what is behind it. */
function withoutEnd(text: string): string {
  const last = text.charCodeAt(text.length - 1)
  return last === 0x20 || last === 0x09 ? text.replace(/[ \t]+$/, '') : text
}
