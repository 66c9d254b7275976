import type { Operation } from '@greenlit/core'
import { show } from '@greenlit/core/engine'
import type { Engine, EngineRequest, EngineResponse } from '../engine/engine.ts'
import { uploadPieces } from '../engine/upload.ts'
import { ConnectionPool } from './connection-pool.ts'
import { NativeExchange } from './native-exchange.ts'

/** How many pools there are at most; the oldest goes. */
const MOST_POOLS = 1000

/** Carries requests on the streams of `@greenlit/net`; see `nativeEngine`. */
export class NativeEngine implements Engine {
  private readonly keepAliveTimeout: number
  /** Where the last request went: the next one is likely to go there too. */
  private last: ConnectionPool | undefined = undefined
  private readonly pools = new Map<string, ConnectionPool[]>()

  /** @param keepAliveTimeout how long an idle connection is kept, in milliseconds, from 1. Default 60 000 */
  constructor(keepAliveTimeout = 60_000) {
    if (typeof keepAliveTimeout !== 'number' || !(keepAliveTimeout >= 1 && keepAliveTimeout < 2 ** 31)) {
      throw new RangeError(
        `Expected \`keepAliveTimeout\` to be milliseconds from 1 to ${2 ** 31 - 1}, got ${show(keepAliveTimeout)}`,
      )
    }
    this.keepAliveTimeout = keepAliveTimeout
  }

  send(request: EngineRequest): Operation<EngineResponse> {
    const exchange = new NativeExchange(this.poolFor(request), request)
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) return exchange
    return uploadPieces(exchange, body)
  }

  /** Closes idle connections; those in use end with their response. It may be used again. */
  close(): void {
    for (const pools of this.pools.values()) for (const pool of pools) pool.close()
    this.pools.clear()
    this.last = undefined
  }

  private poolFor(request: EngineRequest): ConnectionPool {
    const { url, proxy } = request
    const { last } = this
    if (last?.isFor(request)) return last
    const origin = proxy !== undefined && url.protocol === 'http:' ? proxy.url.origin : url.origin
    let pools = this.pools.get(origin)
    if (pools === undefined) {
      pools = []
      this.pools.set(origin, pools)
      if (this.pools.size > MOST_POOLS) this.evict()
    }
    let pool = pools.find((known) => known.serves(request))
    if (pool === undefined) {
      pool = new ConnectionPool(request, this.keepAliveTimeout)
      pools.push(pool)
      if (pools.length > MOST_POOLS) pools.shift()!.close()
    }
    this.last = pool
    return pool
  }

  private evict(): void {
    const [oldest] = this.pools.keys()
    this.last = undefined
    for (const pool of this.pools.get(oldest!)!) pool.close()
    this.pools.delete(oldest!)
  }
}
