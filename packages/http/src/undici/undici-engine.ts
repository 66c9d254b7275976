import type { Operation } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import type { Engine, EngineRequest, EngineResponse } from '../engine/engine.ts'
import { IdleConnections } from '../engine/idle-connections.ts'
import type { IncomingBody } from '../engine/incoming-body.ts'
import { checkKeepAliveTimeout, Pools } from '../engine/pools.ts'
import { uploadPieces } from '../engine/upload.ts'
import { type ClientClass, takesPlainHandlers } from './client.ts'
import type { Connection } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { ControlledExchange, PlainExchange } from './exchanges.ts'
import type { ConnectionSource, UndiciExchange } from './undici-exchange.ts'

/**
 * Sends requests with the `dispatch()` of undici; see `undiciEngine`.
 *
 * @example
 * const engine: UndiciEngine = undiciEngine()
 */
export class UndiciEngine implements Engine, ConnectionSource {
  /** @internal */
  readonly draining = new Set<IncomingBody>()
  private readonly Exchange: new (
    connections: ConnectionSource,
    request: EngineRequest,
  ) => UndiciExchange
  private readonly pools: Pools<ConnectionPool>

  /**
   * @param Client the `Client` class of undici 7 or 8
   * @param keepAliveTimeout how long an idle connection is kept, in milliseconds, from 1. Default 60 000
   */
  constructor(Client: ClientClass, keepAliveTimeout = 60_000) {
    const lifetime = checkKeepAliveTimeout(keepAliveTimeout)
    const idle = new IdleConnections<Connection>((connection) => connection.close())
    this.pools = new Pools((request) => new ConnectionPool(Client, request, lifetime, idle))
    this.Exchange = takesPlainHandlers(Client) ? PlainExchange : ControlledExchange
  }

  send(request: EngineRequest): Operation<EngineResponse> {
    const exchange = new this.Exchange(this, request)
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) return exchange
    return uploadPieces(exchange, body)
  }

  /** @internal Returns a connection for a request: an idle one, or a new one. */
  take(request: EngineRequest): Connection {
    return this.pools.for(request).take(request)
  }

  /** Closes idle connections; connections in use are closed after their response. The engine remains usable. */
  close(): Operation<undefined> {
    this.pools.close()
    for (const body of this.draining) body.destroy()
    return new Done()
  }
}
