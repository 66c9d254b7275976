import type { Socket } from 'node:net'
import { type EngineRequest, LONGEST_HEADERS } from '../engine/engine.ts'
import { bareHost, portOf } from '../engine/node-options.ts'
import { openSocket } from '../engine/open-socket.ts'
import { TunnelAttempt } from '../engine/tunnel.ts'
import { unsentOn } from '../engine/unsent.ts'
import type { ClientClass, Connect, DispatchClient } from './client.ts'
import { InterimFilter } from './interim-filter.ts'

/** Where connections wait for requests. */
export interface ConnectionKeeper {
  keep(connection: Connection): void
  remove(connection: Connection): void
}

/** What undici writes itself, or refuses to. */
const ITS_OWN = new Set(['connection', 'transfer-encoding', 'keep-alive', 'upgrade', 'expect'])

/** The headers of a request as undici takes them. */
interface Lines {
  readonly headers: readonly string[]
  /** Whether the connection is to be closed with the response. */
  readonly reset: boolean
  /** Whether the body is said to be empty. */
  readonly isEmpty: boolean
}

/** One connection: a client of undici that serves one request at a time, and connects anew when the server has closed. */
export class Connection {
  readonly client: DispatchClient
  /** How many requests the connection has answered since it was made. */
  served = 0
  /** Is called once the connection is made. */
  onConnect: (() => void) | undefined = undefined
  private readonly pool: ConnectionKeeper
  /** What undici calls the host unless told otherwise. */
  private readonly host: string
  private socket: Socket | undefined = undefined
  private tunnel: TunnelAttempt | undefined = undefined
  private filter: InterimFilter | undefined = undefined
  /** The headers that were sent last, and what was made of them. */
  private known: readonly string[] | undefined = undefined
  private lines: Lines = { headers: [], reset: false, isEmpty: false }
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
      maxHeaderSize: LONGEST_HEADERS,
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

  /** Whether a request can go out at once. */
  get isReady(): boolean {
    return this.isConnected
  }

  /** A request goes out: what is read next is the head of its response. */
  expectHead(): void {
    this.filter?.expectHead()
  }

  /** Whether a byte of the response has come. */
  get hasAnswered(): boolean {
    return this.filter?.hasBegun === true
  }

  /** How much waits to be sent. */
  get unsent(): number {
    return unsentOn(this.socket)
  }

  /** The reason of the last response, where undici may not have got it right. */
  get reason(): string | undefined {
    return this.filter?.reason
  }

  /** The headers of a request as undici takes them; those of one like the last are at hand. */
  linesFor(headers: readonly string[]): Lines {
    if (this.known === headers) return this.lines
    const sent: string[] = []
    let reset = false
    let isEmpty = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index]!
      const value = headers[index + 1]!
      const lower = name.toLowerCase()
      if (lower === 'content-length') isEmpty = value === '0'
      if (lower === 'connection') reset = /\bclose\b/i.test(value)
      if (!ITS_OWN.has(lower) && !(lower === 'host' && value === this.host)) sent.push(name, value)
    }
    this.known = headers
    this.lines = { headers: sent, reset, isEmpty }
    return this.lines
  }

  /** The response is there: the connection may serve another request, unless much of this one still waits to be sent. */
  release(): void {
    this.onConnect = undefined
    this.served += 1
    if (this.unsent > 0) this.close()
    else if (!this.isClosed) this.pool.keep(this)
  }

  /** Closes it, whatever goes on. */
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
    // Node lets a socket live whose TLS failed after the handshake, and undici waits for its end.
    socket.once('error', () => socket.destroy())
    return socket
  }
}
