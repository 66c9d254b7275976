import * as http from 'node:http'
import * as https from 'node:https'
import type { LookupFunction } from 'node:net'
import type { Operation } from '@greenlit/core'
import {
  type Engine,
  type EngineRequest,
  type EngineResponse,
  LONGEST_HEADERS,
  MOST_IDLE,
  type ProxySettings,
  type TlsSettings,
} from './engine.ts'
import { NodeExchange, type NodeRequestOptions } from './node-exchange.ts'
import { bareHost, portOf, tlsOptions } from './node-options.ts'
import { TunnelAgent, TunnelAttempt } from './tunnel-agent.ts'
import { uploadPieces } from './upload.ts'

/** How many pools there are at most beside the usual one; the oldest goes. */
const MOST_POOLS = 64

/** Whose connections may be shared: the same trust, the same proxy, the same say over addresses. */
interface Pool {
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
  readonly proxy: ProxySettings | undefined
  readonly protocol: string
  readonly agent: http.Agent
}

/**
 * Carries requests with Node's own client and a pool of kept-alive connections. Connections with other TLS settings, through
 * other proxies or with another `lookup` are never shared.
 *
 * @example
 * const session = new Session({ engine: new NodeEngine() })
 */
export class NodeEngine implements Engine {
  private plain: http.Agent | undefined = undefined
  private pools: Pool[] = []

  send(request: EngineRequest): Operation<EngineResponse> {
    const exchange = new NodeExchange(this.optionsFor(request), request)
    const { body } = request
    if (body === undefined || body instanceof Uint8Array) return exchange
    return uploadPieces(exchange, body.pieces())
  }

  /** Closes idle connections; those in use end with their response. It may be used again. */
  close(): void {
    if (this.plain !== undefined) retire(this.plain)
    for (const { agent } of this.pools) retire(agent)
    this.plain = undefined
    this.pools = []
  }

  private optionsFor(request: EngineRequest): NodeRequestOptions {
    const { url, proxy } = request
    const isTunnel = proxy !== undefined && url.protocol === 'https:'
    const to = proxy === undefined || isTunnel ? url : proxy.url
    const host = bareHost(to)
    const options: NodeRequestOptions = {
      protocol: to.protocol,
      host,
      port: portOf(to),
      path: request.target,
      method: request.method,
      headers: request.headers,
      maxHeaderSize: LONGEST_HEADERS,
      agent: this.agentFor(request, to.protocol, isTunnel),
    }
    if (request.lookup !== undefined) options.lookup = request.lookup
    if (isTunnel) options.tunnel = new TunnelAttempt()
    return options
  }

  private agentFor({ tls, lookup, proxy }: EngineRequest, protocol: string, isTunnel: boolean): http.Agent {
    if (tls === undefined && lookup === undefined && proxy === undefined && protocol === 'http:') {
      this.plain ??= new http.Agent({ keepAlive: true, maxFreeSockets: MOST_IDLE, scheduling: 'lifo' })
      return this.plain
    }
    for (const pool of this.pools) {
      if (pool.tls === tls && pool.lookup === lookup && pool.proxy === proxy && pool.protocol === protocol)
        return pool.agent
    }
    const options = { keepAlive: true, maxFreeSockets: MOST_IDLE, scheduling: 'lifo' as const }
    let agent: http.Agent
    if (isTunnel) agent = new TunnelAgent(proxy!, tlsOptions(tls))
    else if (protocol === 'https:') agent = new https.Agent({ ...options, ...tlsOptions(tls) })
    else agent = new http.Agent(options)
    this.pools.push({ tls, lookup, proxy, protocol, agent })
    if (this.pools.length > MOST_POOLS) retire(this.pools.shift()!.agent)
    return agent
  }
}

/** Closes an agent's idle connections, and has it keep none of those in use. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
}
