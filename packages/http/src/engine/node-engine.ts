import type { Socket } from 'node:net'
import type { Operation } from '@greenlit/core'
import { Done } from '@greenlit/core/engine'
import { type Engine, type EngineRequest, type EngineResponse, MAX_HEADER_SIZE } from './engine.ts'
import { IdleConnections } from './idle-connections.ts'
import type { IncomingBody } from './incoming-body.ts'
import { NodeExchange, type NodeRequestOptions } from './node-exchange.ts'
import { bareHost, portOf } from './node-options.ts'
import { type PoolKey, SocketPool } from './socket-pool.ts'
import { TunnelAttempt } from './tunnel.ts'
import { uploadPieces } from './upload.ts'

/** The largest number of pools besides the default one; beyond it the oldest is closed. */
const MAX_POOLS = 64
const PLAIN: PoolKey = { protocol: 'http:', tls: undefined, lookup: undefined, proxy: undefined }

/**
 * Sends requests with Node's own client over a pool of kept-alive connections. Requests share connections only if they have the same
 * TLS settings, proxy and `lookup`.
 *
 * @example
 * const session = new Session({ engine: new NodeEngine() })
 */
export class NodeEngine implements Engine {
  private readonly idle = new IdleConnections<Socket>((socket) => socket.destroy())
  private plain = new SocketPool(PLAIN, this.idle)
  private pools: SocketPool[] = []
  private readonly draining = new Set<IncomingBody>()

  send(request: EngineRequest): Operation<EngineResponse> {
    const exchange = new NodeExchange(this.optionsFor(request), request, this.draining)
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) return exchange
    return uploadPieces(exchange, body)
  }

  /** Closes idle connections; connections in use are closed after their response. The engine remains usable. */
  close(): Operation<undefined> {
    for (const pool of [this.plain, ...this.pools]) pool.close()
    this.plain = new SocketPool(PLAIN, this.idle)
    this.pools = []
    for (const body of this.draining) body.destroy()
    return new Done()
  }

  private optionsFor(request: EngineRequest): NodeRequestOptions {
    const { url, proxy } = request
    const isTunnel = proxy !== undefined && url.protocol === 'https:'
    const to = proxy === undefined || isTunnel ? url : proxy.url
    const options: NodeRequestOptions = {
      protocol: to.protocol,
      host: bareHost(to),
      port: portOf(to),
      path: request.target,
      method: request.method,
      headers: request.headers,
      maxHeaderSize: MAX_HEADER_SIZE,
      agent: this.poolFor(request, to.protocol, isTunnel).agent,
    }
    if (isTunnel) options.tunnel = new TunnelAttempt()
    return options
  }

  private poolFor({ tls, lookup, proxy }: EngineRequest, protocol: string, isTunnel: boolean): SocketPool {
    const key: PoolKey = { protocol, tls, lookup, proxy: isTunnel ? proxy : undefined }
    if (this.plain.serves(key)) return this.plain
    for (const pool of this.pools) if (pool.serves(key)) return pool
    const pool = new SocketPool(key, this.idle)
    this.pools.push(pool)
    if (this.pools.length > MAX_POOLS) this.pools.shift()!.close()
    return pool
  }
}
