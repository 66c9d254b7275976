import { now } from '@greenlit/core/engine'
import { type EngineRequest, MOST_IDLE } from '../engine/engine.ts'
import { Connection, type ConnectionKeeper, type ConnectionUser } from './connection.ts'
import { type HeaderBlock, headerBlockOf } from './request-head.ts'
import { type Route, routeOf } from './route.ts'

/** How much earlier than the server says a connection is given up, in milliseconds. */
const MARGIN = 1000

/** The idle connections of one route. The one that was used last is used first. */
export class ConnectionPool implements ConnectionKeeper {
  private readonly route: Route
  private readonly proxyOfRequests: EngineRequest['proxy']
  private readonly origin: URL
  private readonly keepAliveTimeout: number
  private readonly idle: Connection[] = []
  private timer: NodeJS.Timeout | undefined = undefined
  /** The TLS session to take up again. */
  private session: Buffer | undefined = undefined
  /** The headers that were sent last, which most requests have too. */
  private block: HeaderBlock | undefined = undefined
  private isClosed = false

  constructor(request: EngineRequest, keepAliveTimeout: number) {
    this.route = routeOf(request)
    this.proxyOfRequests = request.proxy
    this.origin = request.url
    this.keepAliveTimeout = keepAliveTimeout
  }

  /** Whether a request may use these connections; `false` too for one through a proxy to another host. */
  isFor(request: EngineRequest): boolean {
    const { url } = request
    if (!this.serves(request)) return false
    return this.origin === url || (this.origin.host === url.host && this.origin.protocol === url.protocol)
  }

  /** Whether a request may use these connections; its origin is not looked at. */
  serves({ tls, proxy, lookup }: EngineRequest): boolean {
    return this.route.tls === tls && this.proxyOfRequests === proxy && this.route.lookup === lookup
  }

  /** The headers of a request as they go out. */
  blockOf(headers: readonly string[]): HeaderBlock {
    if (this.block?.headers !== headers) this.block = headerBlockOf(headers)
    return this.block
  }

  /** Gives an exchange a connection: an idle one that is alive, or a new one. */
  take(user: ConnectionUser): Connection {
    for (let kept = this.idle.pop(); kept !== undefined; kept = this.idle.pop()) {
      if (kept.isUsable && now() < kept.staleAt) {
        kept.serveNext(user)
        return kept
      }
      kept.close()
    }
    return this.open(user)
  }

  /** Gives an exchange a new connection. */
  open(user: ConnectionUser): Connection {
    const connection = new Connection(this)
    connection.open(this.route, this.session, user)
    return connection
  }

  /** @internal Keeps a connection that the server closes after `lifetime` milliseconds. */
  keep(connection: Connection, lifetime: number): void {
    if (this.isClosed || this.idle.length >= MOST_IDLE) {
      connection.close()
      return
    }
    connection.staleAt = now() + Math.min(lifetime - MARGIN, this.keepAliveTimeout)
    connection.rest()
    this.idle.push(connection)
    this.timer ??= setTimeout(this.closeStale, this.keepAliveTimeout).unref()
  }

  /** @internal Forgets a connection that was closed. */
  remove(connection: Connection): void {
    const index = this.idle.lastIndexOf(connection)
    if (index >= 0) this.idle.splice(index, 1)
  }

  /** @internal */
  rememberSession(session: Buffer): void {
    this.session = session
  }

  /** Closes the idle connections; those in use end with their exchange. */
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
