import type { LookupFunction } from 'node:net'
import { type EngineRequest, MAX_IDLE, type ProxySettings, type TlsSettings } from '../engine/engine.ts'
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
  private isClosed = false

  constructor(Client: ClientClass, { url, tls, proxy, lookup }: EngineRequest, keepAliveTimeout: number) {
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
    return this.idle.pop() ?? new Connection(this, this.Client, request, this.keepAliveTimeout)
  }

  /** Keeps a connection for the next request, or closes it if it cannot be reused. */
  keep(connection: Connection): void {
    if (this.isClosed || !connection.isReady || this.idle.length >= MAX_IDLE) connection.close()
    else this.idle.push(connection)
  }

  /** Removes an idle connection that has disconnected, and closes its client. */
  remove(connection: Connection): void {
    const index = this.idle.lastIndexOf(connection)
    if (index < 0) return
    this.idle.splice(index, 1)
    connection.close()
  }

  /** Closes the idle connections; those in use are closed after their request. */
  close(): void {
    this.isClosed = true
    for (const connection of [...this.idle]) connection.close()
  }
}
