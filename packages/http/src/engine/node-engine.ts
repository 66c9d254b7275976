import * as http from 'node:http'
import * as https from 'node:https'
import type { Operation } from '@greenlit/core'
import { Call } from '@greenlit/core/engine'
import { connectThroughProxy } from './connect-tunnel.ts'
import type { Engine, EngineBody, EngineRequest, EngineResponse, TlsSettings } from './engine.ts'
import { Exchange } from './node-exchange.ts'
import { bareHost, portOf, tlsKey, tlsOptions } from './node-options.ts'
import { uploadPieces } from './upload.ts'

/** The longest header block that is read, in bytes; more is an error, never buffered without bound. */
const LONGEST_HEADERS = 64 * 1024
/** How many idle connections to one host are kept. */
const MOST_IDLE = 64

/**
 * Carries requests with Node's own client and a pool of kept-alive connections. One serves a `Session`; TLS settings, and
 * proxies, never share a connection.
 *
 * @example
 * const session = new Session({ engine: new NodeEngine() })
 */
export class NodeEngine implements Engine {
  private readonly plainAgent = new http.Agent({ keepAlive: true, maxFreeSockets: MOST_IDLE, scheduling: 'lifo' })
  private readonly tlsAgents = new Map<string, https.Agent>()
  private closed = false

  send(request: EngineRequest): Operation<EngineResponse> {
    return new Call<[NodeEngine, EngineRequest], EngineResponse>(send, [this, request])
  }

  close(): void {
    this.closed = true
    this.plainAgent.destroy()
    for (const agent of this.tlsAgents.values()) agent.destroy()
    this.tlsAgents.clear()
  }

  /** @internal What `http.request` needs for a request, its tunnel through a proxy apart. */
  optionsFor(request: EngineRequest): https.RequestOptions {
    const { url, proxy } = request
    const secure = url.protocol === 'https:'
    const to = proxy !== undefined && !secure ? proxy.url : url
    const options: https.RequestOptions = {
      protocol: to.protocol,
      hostname: bareHost(to),
      port: portOf(to),
      path: request.target,
      method: request.method,
      headers: request.headers,
      maxHeaderSize: LONGEST_HEADERS,
      agent: to.protocol === 'https:' ? this.agentFor(request.tls) : this.plainAgent,
    }
    if (request.lookup !== undefined) options.lookup = request.lookup
    // A closed session still serves, as in requests, but keeps nothing.
    if (this.closed) options.agent = false
    return options
  }

  private agentFor(tls: TlsSettings | undefined): https.Agent {
    const key = tlsKey(tls)
    let agent = this.tlsAgents.get(key)
    if (agent === undefined) {
      agent = new https.Agent({ keepAlive: true, maxFreeSockets: MOST_IDLE, scheduling: 'lifo', ...tlsOptions(tls) })
      this.tlsAgents.set(key, agent)
    }
    return agent
  }
}

function* send(engine: NodeEngine, request: EngineRequest) {
  const { url, proxy, body } = request
  const options = engine.optionsFor(request)
  if (proxy !== undefined && url.protocol === 'https:') {
    const tunnel = yield* connectThroughProxy(request, proxy, tlsOptions(request.tls))
    options.agent = false
    options.createConnection = () => tunnel
  }
  const exchange = new Exchange(options, request, isBytes(body) ? body : undefined)
  if (body === undefined || isBytes(body)) return yield* exchange
  return yield* uploadPieces(exchange, body.pieces(), request.limits)
}

function isBytes(body: EngineBody | undefined): body is Uint8Array {
  return body instanceof Uint8Array
}
