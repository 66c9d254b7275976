import type { Operation } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import type { Engine, EngineRequest, EngineResponse } from '../engine/engine.ts'
import { IdleConnections } from '../engine/idle-connections.ts'
import type { IncomingBody } from '../engine/incoming-body.ts'
import { checkKeepAliveTimeout, Pools } from '../engine/pools.ts'
import { uploadPieces } from '../engine/upload.ts'
import type { Connection } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { NativeExchange } from './native-exchange.ts'

/**
 * Sends requests over the streams of `@greenlit/net`; see `nativeEngine`.
 *
 * @example
 * const engine: NativeEngine = nativeEngine()
 */
export class NativeEngine implements Engine {
  private readonly pools: Pools<ConnectionPool>
  private readonly draining = new Set<IncomingBody>()

  /** @param keepAliveTimeout how long an idle connection is kept, in milliseconds, from 1. Default 60 000 */
  constructor(keepAliveTimeout = 60_000) {
    const lifetime = checkKeepAliveTimeout(keepAliveTimeout)
    const idle = new IdleConnections<Connection>((connection) => connection.close())
    this.pools = new Pools((request) => new ConnectionPool(request, lifetime, idle))
  }

  send(request: EngineRequest): Operation<EngineResponse> {
    const exchange = new NativeExchange(this.pools.for(request), request, this.draining)
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) return exchange
    return uploadPieces(exchange, body)
  }

  /** Closes idle connections; connections in use are closed after their response. The engine remains usable. */
  close(): Operation<undefined> {
    this.pools.close()
    for (const body of this.draining) body.destroy()
    return new Done()
  }
}
