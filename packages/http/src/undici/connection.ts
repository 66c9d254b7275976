import type { Socket } from 'node:net'
import { type EngineRequest, MAX_HEADER_SIZE } from '../engine/engine.ts'
import { isReset } from '../engine/failure.ts'
import { bareHost, portOf } from '../engine/node-options.ts'
import { openSocket } from '../engine/open-socket.ts'
import { TunnelAttempt } from '../engine/tunnel.ts'
import { unsentOn } from '../engine/unsent.ts'
import type { ClientClass, Connect, DispatchClient } from './client.ts'
import { InterimFilter } from './interim-filter.ts'

/** Keeps idle connections. */
export interface ConnectionKeeper {
  keep(connection: Connection): void
  remove(connection: Connection): void
}

/** The headers that undici writes itself. */
const WRITTEN_BY_UNDICI = new Set(['connection', 'transfer-encoding'])
/** The headers that undici refuses in the options of a request. */
const REFUSED_BY_UNDICI = new Set(['keep-alive', 'upgrade', 'expect'])

/** The headers of a request as undici takes them. */
interface HeaderLines {
  readonly headers: readonly string[]
  /** Those that undici would refuse there. */
  readonly refused: readonly string[]
  /** Whether the connection is to be closed after the response. */
  readonly reset: boolean
  /** Whether `Content-Length: 0` is declared. */
  readonly isEmpty: boolean
}

/** A connection: an undici client that serves one request at a time, and reconnects when the server has closed. */
export class Connection {
  readonly client: DispatchClient
  /** How many requests the current connection has completed. */
  served = 0
  /** Called when the connection is made. */
  onConnect: (() => void) | undefined = undefined
  private readonly pool: ConnectionKeeper
  /** The Host header that undici sends by default. */
  private readonly host: string
  private socket: Socket | undefined = undefined
  private tunnel: TunnelAttempt | undefined = undefined
  private filter: InterimFilter | undefined = undefined
  /** The headers sent last, and the result of converting them. */
  private lastHeaders: readonly string[] | undefined = undefined
  private lastLines: HeaderLines = { headers: [], refused: [], reset: false, isEmpty: false }
  private isConnected = false
  private isClosed = false

  constructor(pool: ConnectionKeeper, Client: ClientClass, request: EngineRequest, keepAliveTimeout: number) {
    this.pool = pool
    const { url, proxy } = request
    const origin = proxy !== undefined && url.protocol === 'http:' ? proxy.url : url
    this.host = origin.host
    this.client = new Client(new URL(origin.origin), {
      connect: this.connector(origin, request),
      allowH2: false,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout,
      keepAliveMaxTimeout: Math.max(keepAliveTimeout, 600_000),
      maxHeaderSize: MAX_HEADER_SIZE,
    })
    this.client.on('connect', () => {
      this.isConnected = true
      this.served = 0
      this.onConnect?.()
    })
    this.client.on('disconnect', () => {
      this.isConnected = false
      this.pool.remove(this)
    })
  }

  /** Whether a request can be sent immediately. */
  get isReady(): boolean {
    return this.isConnected
  }

  /** Called when a request is sent: the next bytes received are the head of its response. */
  expectHead(): void {
    this.filter?.expectHead()
  }

  /** Whether a byte of the response has been received. */
  get hasAnswered(): boolean {
    return this.filter?.hasBegun === true
  }

  /** The error with which the server reset the connection, if it did. */
  get reset(): Error | undefined {
    const error = this.socket?.errored
    return error && isReset(error) ? error : undefined
  }

  /** How many bytes are still to be sent. */
  get unsent(): number {
    return unsentOn(this.socket)
  }

  /** The reason phrase of the last response, if undici may have decoded it wrongly. */
  get reason(): string | undefined {
    return this.filter?.reason
  }

  /** Converts the headers of a request for undici. The last result is cached. */
  linesFor(headers: readonly string[]): HeaderLines {
    if (this.lastHeaders === headers) return this.lastLines
    const sent: string[] = []
    const refused: string[] = []
    let reset = false
    let isEmpty = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]!
      const value = headers[index + 1]!
      const lower = name.toLowerCase()
      if (lower === 'content-length') isEmpty = value === '0'
      if (lower === 'connection') reset = /\bclose\b/i.test(value)
      if (WRITTEN_BY_UNDICI.has(lower) || (lower === 'host' && value === this.host)) continue
      ;(REFUSED_BY_UNDICI.has(lower) ? refused : sent).push(name, value)
    }
    this.lastHeaders = headers
    this.lastLines = { headers: sent, refused, reset, isEmpty }
    return this.lastLines
  }

  /** Called when the response is complete: keeps the connection for another request, unless part of this one is still unsent. */
  release(): void {
    this.onConnect = undefined
    this.served += 1
    if (this.unsent > 0) this.close()
    else if (!this.isClosed) this.pool.keep(this)
  }

  /** Closes the connection at once. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.pool.remove(this)
    this.tunnel?.abort()
    this.socket?.destroy()
    this.client.destroy(new Error('The request was called off')).catch(() => {})
  }

  private connector(origin: URL, { url, tls, proxy, lookup }: EngineRequest): Connect {
    const host = bareHost(origin)
    const port = portOf(origin)
    const isSecure = origin.protocol === 'https:'
    return (_, connected) => {
      if (proxy !== undefined && url.protocol === 'https:') {
        this.tunnel = new TunnelAttempt()
        this.tunnel.open(proxy, `${url.hostname}:${port}`, host, tls, (error, socket) => {
          if (error === null) connected(null, this.adopt(socket))
          else connected(error, null)
        })
        return
      }
      const socket = openSocket({ host, port, isSecure, tls, lookup })
      this.socket = socket
      const fail = (error: Error): void => connected(error, null)
      socket.once('error', fail)
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        socket.off('error', fail)
        connected(null, this.adopt(socket))
      })
    }
  }

  private adopt(socket: Socket): Socket {
    this.socket = socket
    this.filter = new InterimFilter(socket, this.host)
    // Node does not destroy a socket whose TLS fails after the handshake, and undici waits for it to close.
    socket.once('error', () => socket.destroy())
    return socket
  }
}
