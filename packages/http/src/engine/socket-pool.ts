import type { Agent, ClientRequest } from 'node:http'
import type { LookupFunction, Socket } from 'node:net'
import { now } from '@greenlit/core/engine'
import { MAX_IDLE, type ProxySettings, type TlsSettings } from './engine.ts'
import type { IdleConnections } from './idle-connections.ts'
import { keepAliveLifetime } from './keep-alive-lifetime.ts'
import type { NodeRequestOptions } from './node-exchange.ts'
import { openSocket } from './open-socket.ts'
import { TunnelAttempt } from './tunnel.ts'

/** A socket with the request that Node's HTTP client attaches to it. */
type ClientSocket = Socket & {
  _httpMessage?: (ClientRequest & { res?: { rawHeaders: readonly string[] } }) | null
  [IDLE]?: boolean
}
type SocketRequest = ClientRequest & { onSocket(socket: Socket | undefined, error?: Error): void }

const IDLE = Symbol('idle')

interface IdleSocket {
  readonly socket: ClientSocket
  /** When the server will close the connection, as far as it has said. */
  readonly staleAt: number
}

/** What two requests must have in common to share connections. */
export interface PoolKey {
  readonly protocol: string
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
  /** The proxy, if TLS goes through a tunnel. */
  readonly proxy: ProxySettings | undefined
}

/** How long before the server's own deadline an idle connection is given up, in milliseconds. */
const MARGIN = 1000
const MAX_SESSIONS = 100

/**
 * The connections of `http.request`. It replaces `http.Agent`, without the agent's cost for each request (it copies the options
 * twice, makes a system call and searches its lists). The most recently used connection is reused first, unless the server is about
 * to close it.
 */
export class SocketPool {
  /** Properties that Node reads from an agent. */
  readonly protocol: string
  readonly defaultPort: number
  readonly keepAlive = true
  readonly maxSockets: number = Infinity
  private readonly key: PoolKey
  private readonly idle = new Map<string, IdleSocket[]>()
  private readonly allIdle: IdleConnections<Socket>
  private readonly sessions = new Map<string, Buffer>()
  private isClosed = false

  /** @param allIdle the idle connections of the engine, those of other pools included */
  constructor(key: PoolKey, allIdle: IdleConnections<Socket>) {
    this.allIdle = allIdle
    this.key = key
    this.protocol = key.protocol
    this.defaultPort = key.protocol === 'https:' ? 443 : 80
  }

  /** This pool as the `agent` option of `http.request`, which uses no more of an agent than is implemented here. */
  get agent(): Agent {
    return this as unknown as Agent
  }

  /** Whether requests with this key may share these connections. */
  serves(key: PoolKey): boolean {
    const own = this.key
    return own.protocol === key.protocol && own.tls === key.tls && own.lookup === key.lookup && own.proxy === key.proxy
  }

  /** Provides a request with a socket, now or later; called by Node. */
  addRequest(request: SocketRequest, options: NodeRequestOptions): void {
    const hostKey = `${options.host}:${options.port}`
    const kept = this.take(hostKey)
    if (kept !== undefined) {
      kept.ref()
      kept[IDLE] = false
      request.reusedSocket = true
      request.onSocket(kept)
    } else if (this.key.proxy !== undefined) {
      this.tunnel(request, options, hostKey, this.key.proxy)
    } else {
      request.onSocket(this.open(options, hostKey))
    }
  }

  /** Closes the idle connections; those in use are no longer kept. */
  close(): void {
    this.isClosed = true
    for (const { socket } of [...this.idle.values()].flat()) {
      this.allIdle.delete(socket)
      socket.destroy()
    }
    this.idle.clear()
  }

  private take(hostKey: string): ClientSocket | undefined {
    const sockets = this.idle.get(hostKey)
    for (let kept = sockets?.pop(); kept !== undefined; kept = sockets!.pop()) {
      const { socket, staleAt } = kept
      this.allIdle.delete(socket)
      if (socket.writable && (staleAt === Infinity || now() < staleAt)) return socket
      socket.destroy()
    }
    return undefined
  }

  private open({ host, port }: NodeRequestOptions, hostKey: string): ClientSocket {
    const { tls, lookup } = this.key
    const isSecure = this.protocol === 'https:'
    const session = isSecure ? this.sessions.get(hostKey) : undefined
    const socket = openSocket({ host: host!, port: Number(port), isSecure, tls, lookup, session })
    if (isSecure) socket.on('session', (fresh: Buffer) => this.remember(hostKey, fresh))
    this.adopt(socket, hostKey)
    return socket
  }

  private tunnel(
    request: SocketRequest,
    { host, port, tunnel }: NodeRequestOptions,
    hostKey: string,
    proxy: ProxySettings,
  ): void {
    const attempt = tunnel ?? new TunnelAttempt()
    const authority = `${host!.includes(':') ? `[${host}]` : host}:${port}`
    attempt.open(proxy, authority, host!, this.key.tls, (error, socket) => {
      if (error !== null) {
        request.onSocket(undefined, error)
      } else {
        this.adopt(socket, hostKey)
        request.onSocket(socket)
      }
    })
  }

  private adopt(socket: ClientSocket, hostKey: string): void {
    // An error on an idle connection is of no interest; a connection in use has other listeners.
    socket.on('error', () => {})
    // An unsolicited response must not be taken for that of the next request (RFC 9112 section 9.2).
    socket.on('data', () => {
      if (socket[IDLE]) socket.destroy()
    })
    socket.on('free', () => this.keep(socket, hostKey))
    socket.on('close', () => this.forget(socket, hostKey))
  }

  /** Called when Node is done with a socket. Without a response the socket was never used, as its request was cancelled. */
  private keep(socket: ClientSocket, hostKey: string): void {
    const headers = socket._httpMessage?.res?.rawHeaders
    socket._httpMessage = null
    let sockets = this.idle.get(hostKey)
    if (sockets === undefined) this.idle.set(hostKey, (sockets = []))
    if (headers === undefined || this.isClosed || !socket.writable || sockets.length >= MAX_IDLE) {
      socket.destroy()
      return
    }
    socket.unref()
    socket[IDLE] = true
    sockets.push({ socket, staleAt: now() + lifetimeOf(headers) - MARGIN })
    this.allIdle.add(socket)
  }

  private forget(socket: ClientSocket, hostKey: string): void {
    const sockets = this.idle.get(hostKey)
    const index = sockets?.findIndex((kept) => kept.socket === socket) ?? -1
    if (index >= 0) sockets!.splice(index, 1)
    if (sockets?.length === 0) this.idle.delete(hostKey)
    this.allIdle.delete(socket)
  }

  private remember(hostKey: string, session: Buffer): void {
    this.sessions.delete(hostKey)
    if (this.sessions.size >= MAX_SESSIONS) this.sessions.delete(this.sessions.keys().next().value!)
    this.sessions.set(hostKey, session)
  }
}

/** How long the server keeps an idle connection, in milliseconds; `Infinity` if it does not say. */
function lifetimeOf(headers: readonly string[]): number {
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index]!
    if (name.length === 10 && name.toLowerCase() === 'keep-alive') return keepAliveLifetime(headers[index + 1]!)
  }
  return Infinity
}
