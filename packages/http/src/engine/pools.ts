import { show } from '@greenlit/core/engine'
import type { EngineRequest } from './engine.ts'

/** The largest number of pools; beyond it the oldest is closed. */
const MAX_POOLS = 1000
/** The longest delay that Node's timers support, in milliseconds. */
const MAX_DELAY = 2 ** 31 - 1

/** The connections to one origin by one route. */
export interface Pool {
  /** Whether a request may use these connections. May be `false` for some that could, where that is costly to find out. */
  isFor(request: EngineRequest): boolean
  /** Whether a request may use these connections, given that its origin is the right one. */
  serves(request: EngineRequest): boolean
  /** Closes the idle connections now, and the others after their response. */
  close(): void
}

/** The pools of an engine: one for each origin and the proxy, TLS settings and lookup by which it is reached. */
export class Pools<P extends Pool> {
  private readonly make: (request: EngineRequest) => P
  /** The pool of the last request: the next one is likely to go there too. */
  private last: P | undefined = undefined
  private readonly byOrigin = new Map<string, P[]>()

  /** @param make creates the pool for a request */
  constructor(make: (request: EngineRequest) => P) {
    this.make = make
  }

  /** Returns the pool for a request, creating it if there is none yet. */
  for(request: EngineRequest): P {
    const { last } = this
    return last?.isFor(request) ? last : this.find(request)
  }

  /** Closes all pools; later requests get new ones. */
  close(): void {
    for (const pools of this.byOrigin.values()) for (const pool of pools) pool.close()
    this.byOrigin.clear()
    this.last = undefined
  }

  private find(request: EngineRequest): P {
    const { url, proxy } = request
    const origin = proxy !== undefined && url.protocol === 'http:' ? proxy.url.origin : url.origin
    let pools = this.byOrigin.get(origin)
    if (pools === undefined) {
      pools = []
      this.byOrigin.set(origin, pools)
      if (this.byOrigin.size > MAX_POOLS) this.evict()
    }
    let pool = pools.find((known) => known.serves(request))
    if (pool === undefined) {
      pool = this.make(request)
      pools.push(pool)
      if (pools.length > MAX_POOLS) pools.shift()!.close()
    }
    this.last = pool
    return pool
  }

  private evict(): void {
    const [oldest] = this.byOrigin.keys()
    for (const pool of this.byOrigin.get(oldest!)!) pool.close()
    this.byOrigin.delete(oldest!)
  }
}

/** Checks a `keepAliveTimeout` option. */
export function checkKeepAliveTimeout(milliseconds: unknown): number {
  if (typeof milliseconds === 'number' && milliseconds >= 1 && milliseconds <= MAX_DELAY) return milliseconds
  throw new RangeError(
    `Expected \`keepAliveTimeout\` to be milliseconds from 1 to ${MAX_DELAY}, got ${show(milliseconds)}`,
  )
}
