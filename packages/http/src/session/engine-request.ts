import type { EngineRequest, Limits, ProxySettings } from '../engine/engine.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { checkHeader } from '../headers/check-header.ts'
import { proxyFor } from '../proxy/select-proxy.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { Settings } from './settings.ts'
import type { RequestingSession } from './terms.ts'
import { tlsSettingsWithEnvironment } from './tls-settings.ts'

/**
 * A prepared request as an engine takes it: what goes on the wire, and through where.
 *
 * @throws {InvalidHeader} for a header that was put into the session or the request and cannot be sent
 */
export function engineRequest(
  { trustEnv }: RequestingSession,
  request: PreparedRequest,
  settings: Settings,
  limits: Limits,
): EngineRequest {
  const { origin: url, path } = request.place
  let headers = linesFor(url, request.headers)
  let target = path
  let proxy = proxyFor(url, settings.proxies, trustEnv)
  if (proxy !== undefined) {
    const given = request.headers.get('Proxy-Authorization')
    const lines = [...headers]
    headers = lines
    if (url.protocol === 'https:') {
      // It is meant for the proxy: the server behind it must not see it.
      if (given !== undefined) proxy = authorized(proxy, given, lines)
    } else {
      target = `http://${url.host}${target}`
      if (given === undefined && proxy.authorization !== undefined)
        lines.push('Proxy-Authorization', proxy.authorization)
    }
  }
  const isSecure = url.protocol === 'https:' || proxy?.url.protocol === 'https:'
  const tls = isSecure && trustEnv ? tlsSettingsWithEnvironment(settings) : settings.tls
  // It decides about the addresses of servers: a proxy was chosen by name, and looks the server up itself.
  const lookup = proxy === undefined ? settings.lookup : undefined
  return { method: request.method, url, target, headers, body: request.content, limits, tls, proxy, lookup }
}

interface Lines {
  readonly origin: URL
  readonly lines: readonly string[]
}

/** What goes on the wire for headers that were checked, by their lines, which are one array as long as nothing changes. */
const known = new WeakMap<readonly string[], Lines>()

/** The lines of a request, the one for Host among them: the same array for requests with the same headers to the same host. */
function linesFor(origin: URL, headers: CaseInsensitiveDict): readonly string[] {
  const own = headers.toRaw()
  const last = known.get(own)
  if (last?.origin === origin) return last.lines
  if (last === undefined) for (let index = 0; index < own.length; index += 2) checkHeader(own[index], own[index + 1])
  const lines = headers.has('Host') ? own : ['Host', hostOf(origin), ...own]
  known.set(own, { origin, lines })
  return lines
}

/** As servers know it: many do not know their name with the dot at its end, with which names are looked up (urllib3 leaves it out too). */
function hostOf({ host }: URL): string {
  return host.replace(/\.(?=:|$)/, '')
}

const authorizedProxies = new WeakMap<ProxySettings, Map<string, ProxySettings>>()

/** The proxy with the credentials of a header, which is taken away: the same object each time, as connections are kept by it. */
function authorized(proxy: ProxySettings, authorization: string, headers: string[]): ProxySettings {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (headers[at]!.toLowerCase() === 'proxy-authorization') headers.splice(at, 2)
  }
  let byCredentials = authorizedProxies.get(proxy)
  if (byCredentials === undefined) authorizedProxies.set(proxy, (byCredentials = new Map()))
  let settings = byCredentials.get(authorization)
  if (settings === undefined) byCredentials.set(authorization, (settings = { url: proxy.url, authorization }))
  return settings
}
