import type { LookupFunction } from 'node:net'
import type { EngineRequest, ProxySettings, TlsSettings } from '../engine/engine.ts'
import { portOf } from '../engine/node-options.ts'

/** How a connection is made: connections of one route serve any request of it. */
export interface Route {
  /** What is connected to: the server, or the proxy for a request that is not secure. */
  readonly origin: URL
  /** Host and port of the server, for a proxy. */
  readonly authority: string
  /** What is asked for a tunnel. */
  readonly proxy: ProxySettings | undefined
  readonly tls: TlsSettings | undefined
  readonly lookup: LookupFunction | undefined
}

/** The route of a request. */
export function routeOf({ url, proxy, tls, lookup }: EngineRequest): Route {
  const isTunnel = proxy !== undefined && url.protocol === 'https:'
  const origin = proxy === undefined || isTunnel ? url : proxy.url
  return { origin, authority: `${url.hostname}:${portOf(url)}`, proxy: isTunnel ? proxy : undefined, tls, lookup }
}
