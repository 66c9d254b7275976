import type { LookupFunction } from 'node:net'
import type { EngineRequest, ProxySettings, TlsSettings } from '../engine/engine.ts'
import { portOf } from '../engine/node-options.ts'

/** How a connection is made. Connections of the same route can serve each other's requests. */
export interface Route {
  /** The server, or the proxy for plain http requests. For a tunnel it is the server behind the proxy. */
  readonly origin: URL
  /** Host and port of the server, for the CONNECT request of a tunnel. */
  readonly authority: string
  /** The proxy to tunnel through. */
  readonly proxy: ProxySettings | undefined
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
}

/** Returns the route of a request. */
export function routeOf({ url, proxy, tls, lookup }: EngineRequest): Route {
  const isTunnel = proxy !== undefined && url.protocol === 'https:'
  const origin = proxy === undefined || isTunnel ? url : proxy.url
  return { origin, authority: `${url.hostname}:${portOf(url)}`, proxy: isTunnel ? proxy : undefined, tls, lookup }
}
