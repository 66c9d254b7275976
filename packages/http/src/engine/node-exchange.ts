import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { asksToClose } from './asks-to-close.ts'
import { decodeReason } from './decode-reason.ts'
import type { EngineRequest } from './engine.ts'
import { bodyFailure, failureOf, isReset, statusFailure } from './failure.ts'
import { framingOf } from './framing.ts'
import { HeadWait } from './head-wait.ts'
import { IDEMPOTENT } from './idempotent.ts'
import { type BodyFlow, IncomingBody } from './incoming-body.ts'
import { nodeRequest } from './node-request.ts'
import type { TunnelAttempt } from './tunnel.ts'
import { unsentOn } from './unsent.ts'

/** The options of `http.request`, with the tunnel attempt of this request, so that it can be aborted. */
export interface NodeRequestOptions extends RequestOptions {
  tunnel?: TunnelAttempt
}

const NO_BYTES = new Uint8Array(0)

/** One request on Node's client, up to the head of its response. */
export class NodeExchange extends HeadWait implements BodyFlow {
  /** The request on the wire. */
  message: ClientRequest | undefined = undefined
  readonly draining: Set<IncomingBody>
  private readonly options: NodeRequestOptions
  private incoming: IncomingMessage | undefined = undefined
  private body: IncomingBody | undefined = undefined
  /** How many bytes the connection had received before this request. */
  private readBefore = 0
  /** Why the connection broke. */
  private broken: Error | undefined = undefined
  /** The reset of the connection before the end of the response. */
  private cutOffBy: Error | undefined = undefined

  constructor(options: NodeRequestOptions, request: EngineRequest, draining: Set<IncomingBody>) {
    super(request)
    this.draining = draining
    this.options = options
  }

  protected send(): void {
    const message = nodeRequest(this.options.protocol)(this.options)
    this.message = message
    message.on('response', this.onResponse)
    message.on('error', this.onError)
    message.on('socket', this.onSocket)
    message.on('upgrade', this.onUpgrade)
    // Node silently drops headers beyond a maximum count; their total size is limited anyway.
    message.maxHeadersCount = 0
    const { body } = this.request
    if (body === undefined) message.end()
    else if (body instanceof Uint8Array) message.end(body)
    // Sends the head now, as Node would wait for the first piece, whose source may be waiting for the server. `flushHeaders` would
    // encode it as UTF-8.
    else message.write(NO_BYTES)
  }

  protected unsent(): number {
    return unsentOn(this.message?.socket)
  }

  abort(): void {
    this.options.tunnel?.abort()
    this.message?.destroy()
    this.incoming?.destroy()
  }

  pause(): void {
    this.incoming?.pause()
  }

  resume(): void {
    this.incoming?.resume()
  }

  private readonly onSocket = (socket: Socket): void => {
    this.readBefore = socket.bytesRead
    if (socket.connecting) socket.once(this.options.protocol === 'https:' ? 'secureConnect' : 'connect', this.onConnect)
    // A socket that failed immediately is not connecting either.
    else if (!socket.destroyed) this.connected()
  }

  private readonly onConnect = (): void => {
    this.connected()
  }

  private readonly onResponse = (incoming: IncomingMessage): void => {
    const { method, url, headers } = this.request
    const { statusCode = 0, rawHeaders } = incoming
    this.incoming = incoming
    if (statusCode < 100 || statusCode === 101) {
      this.failed(statusFailure(url.host, statusCode))
      this.isCancelled = true
      this.abort()
      return
    }
    // Node keeps a connection alive after sending `Connection: close`, unless the server sends it too.
    if (asksToClose(headers)) this.message!.shouldKeepAlive = false
    // Node treats a HEAD response without a length as one that lasts until the connection closes.
    else if (method === 'HEAD' && isKept(incoming)) this.message!.shouldKeepAlive = true
    const framing = framingOf(rawHeaders)
    const body = new IncomingBody(url, this, framing.contentLength)
    this.body = body
    incoming.on('data', this.onData)
    incoming.on('end', this.onEnd)
    incoming.on('close', this.onClose)
    this.arrived({ statusCode, reason: decodeReason(incoming.statusMessage ?? ''), rawHeaders, framing, body })
  }

  private readonly onData = (bytes: Uint8Array): void => {
    this.body!.push(bytes)
  }

  private readonly onEnd = (): void => {
    // Node takes a body without a length that was cut off by a reset for complete.
    if (this.cutOffBy !== undefined) this.body!.fail(bodyFailure(this.body!.host, this.cutOffBy))
    else this.body!.end()
    // The server would take the next request for the missing rest of the upload.
    if (!this.message!.writableFinished) this.abort()
  }

  private readonly onClose = (): void => {
    const { isComplete, host } = this.body!
    if (isComplete) return
    this.body!.fail(bodyFailure(host, this.broken ?? this.incoming!.errored ?? undefined))
  }

  private readonly onUpgrade = (_response: IncomingMessage, socket: Duplex): void => {
    socket.destroy()
    this.failed(statusFailure(this.request.url.host, 101))
  }

  private readonly onError = (error: Error): void => {
    if (this.response !== undefined) this.broken = error
    if (this.incoming?.complete === false && isReset(error)) this.cutOffBy = error
    if (this.response === undefined && !this.isCancelled && this.isStale(error)) this.send()
    else this.failed(failureOf(error, this.request, this.isConnecting))
  }

  /** Whether the server closed a kept-alive connection just as the request was sent: it is then sent again on another connection. */
  private isStale(error: Error): boolean {
    const { method, body } = this.request
    if (!this.message?.reusedSocket || !IDEMPOTENT.has(method)) return false
    if (this.message.socket !== null && this.message.socket.bytesRead > this.readBefore) return false
    if (body !== undefined && !(body instanceof Uint8Array)) return false
    const { code } = error as { code?: unknown }
    return code === 'ECONNRESET' || code === 'EPIPE'
  }
}

/** Whether the server keeps the connection open (RFC 9112 section 9.3). */
function isKept({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && !/\bclose\b/i.test(headers.connection ?? '')
}
