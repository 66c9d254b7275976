import { now } from '@greenlit/core/engine'
import { type EngineRequest, MAX_IDLE } from '../engine/engine.ts'
import type { IdleConnections } from '../engine/idle-connections.ts'
import { Connection, type ConnectionKeeper, type ConnectionUser } from './connection.ts'
import { type HeaderBlock, headerBlockOf } from './request-head.ts'
import { type Route, routeOf } from './route.ts'

/** How long before the server's own deadline an idle connection is given up, in milliseconds. */
const MARGIN = 1000

/** The idle connections of one route. The most recently used one is reused first. */
export class ConnectionPool implements ConnectionKeeper {
  private readonly route: Route
  private readonly proxyOfRequests: EngineRequest['proxy']
  private readonly origin: URL
  private readonly keepAliveTimeout: number
  private readonly idle: Connection[] = []
  private readonly allIdle: IdleConnections<Connection>
  private timer: NodeJS.Timeout | undefined = undefined
  /** The TLS session to resume. */
  private session: Buffer | undefined = undefined
  /** The headers sent last, encoded; most requests have the same ones. */
  private lastBlock: HeaderBlock | undefined = undefined
  private isClosed = false

  /** @param allIdle the idle connections of the engine, those of other pools included */
  constructor(request: EngineRequest, keepAliveTimeout: number, allIdle: IdleConnections<Connection>) {
    this.allIdle = allIdle
    this.route = routeOf(request)
    this.proxyOfRequests = request.proxy
    this.origin = request.url
    this.keepAliveTimeout = keepAliveTimeout
  }

  /** Whether a request may use these connections; `false` also for one to another host through the same proxy. */
  isFor(request: EngineRequest): boolean {
    const { url } = request
    if (!this.serves(request)) return false
    return this.origin === url || (this.origin.host === url.host && this.origin.protocol === url.protocol)
  }

  /** Whether a request may use these connections, given that its origin is the right one. */
  serves({ tls, proxy, lookup }: EngineRequest): boolean {
    return this.route.tls === tls && this.proxyOfRequests === proxy && this.route.lookup === lookup
  }

  /** Returns the encoded headers of a request. */
  blockOf(headers: readonly string[]): HeaderBlock {
    if (this.lastBlock?.headers !== headers) this.lastBlock = headerBlockOf(headers)
    return this.lastBlock
  }

  /** Provides an exchange with a connection: a usable idle one, or a new one. */
  take(user: ConnectionUser): Connection {
    for (let kept = this.idle.pop(); kept !== undefined; kept = this.idle.pop()) {
      this.allIdle.delete(kept)
      if (kept.isUsable && now() < kept.staleAt) {
        kept.serveNext(user)
        return kept
      }
      kept.close()
    }
    return this.open(user)
  }

  /** Provides an exchange with a new connection. */
  open(user: ConnectionUser): Connection {
    const connection = new Connection(this)
    connection.open(this.route, this.session, user)
    return connection
  }

  /** @internal Keeps an idle connection, which the server will close after `lifetime` milliseconds. */
  keep(connection: Connection, lifetime: number): void {
    if (this.isClosed || this.idle.length >= MAX_IDLE) {
      connection.close()
      return
    }
    connection.staleAt = now() + Math.min(lifetime - MARGIN, this.keepAliveTimeout)
    connection.unref()
    this.idle.push(connection)
    this.allIdle.add(connection)
    this.timer ??= setTimeout(this.closeStale, this.keepAliveTimeout).unref()
  }

  /** @internal Forgets a closed connection. */
  remove(connection: Connection): void {
    const index = this.idle.lastIndexOf(connection)
    if (index < 0) return
    this.idle.splice(index, 1)
    this.allIdle.delete(connection)
  }

  /** @internal */
  rememberSession(session: Buffer): void {
    this.session = session
  }

  /** Closes the idle connections; connections in use are closed after their exchange. */
  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
    for (const connection of [...this.idle]) connection.close()
  }

  private readonly closeStale = (): void => {
    const time = now()
    for (const connection of [...this.idle]) if (connection.staleAt <= time) connection.close()
    const next = this.idle.reduce((earliest, { staleAt }) => Math.min(earliest, staleAt), Infinity)
    this.timer = next === Infinity ? undefined : setTimeout(this.closeStale, next - time).unref()
  }
}
