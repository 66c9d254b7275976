import type { LookupFunction } from 'node:net'
import { type EngineRequest, MAX_IDLE, type ProxySettings, type TlsSettings } from '../engine/engine.ts'
import type { IdleConnections } from '../engine/idle-connections.ts'
import type { ClientClass } from './client.ts'
import { Connection, type ConnectionKeeper } from './connection.ts'

/** The idle connections to one origin that may be shared: those with the same TLS settings, proxy and lookup. */
export class ConnectionPool implements ConnectionKeeper {
  private readonly Client: ClientClass
  private readonly keepAliveTimeout: number
  private readonly tls: TlsSettings | undefined
  private readonly proxy: ProxySettings | undefined
  private readonly lookup: LookupFunction | undefined
  private readonly origin: URL
  private readonly idle: Connection[] = []
  private readonly allIdle: IdleConnections<Connection>
  private isClosed = false

  /** @param allIdle the idle connections of the engine, those of other pools included */
  constructor(
    Client: ClientClass,
    { url, tls, proxy, lookup }: EngineRequest,
    keepAliveTimeout: number,
    allIdle: IdleConnections<Connection>,
  ) {
    this.allIdle = allIdle
    this.Client = Client
    this.origin = url
    this.tls = tls
    this.proxy = proxy
    this.lookup = lookup
    this.keepAliveTimeout = keepAliveTimeout
  }

  /** Whether a request may use these connections; `false` for some that could, where that is costly to find out. */
  isFor(request: EngineRequest): boolean {
    return this.origin === request.url && this.proxy === undefined && this.serves(request)
  }

  /** Whether a request may use these connections, given that its origin is the right one. */
  serves({ tls, proxy, lookup }: EngineRequest): boolean {
    return this.tls === tls && this.proxy === proxy && this.lookup === lookup
  }

  /** Returns the most recently used idle connection, or a new one. */
  take(request: EngineRequest): Connection {
    const kept = this.idle.pop()
    if (kept === undefined) return new Connection(this, this.Client, request, this.keepAliveTimeout)
    this.allIdle.delete(kept)
    return kept
  }

  /** Keeps a connection for the next request, or closes it if it cannot be reused. */
  keep(connection: Connection): void {
    if (this.isClosed || !connection.isReady || this.idle.length >= MAX_IDLE) connection.close()
    else {
      this.idle.push(connection)
      this.allIdle.add(connection)
    }
  }

  /** Removes an idle connection that has disconnected, and closes its client. */
  remove(connection: Connection): void {
    const index = this.idle.lastIndexOf(connection)
    if (index < 0) return
    this.idle.splice(index, 1)
    this.allIdle.delete(connection)
    connection.close()
  }

  /** Closes the idle connections; those in use are closed after their request. */
  close(): void {
    this.isClosed = true
    for (const connection of [...this.idle]) connection.close()
  }
}
