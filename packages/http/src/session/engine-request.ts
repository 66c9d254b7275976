import type { EngineRequest, Limits, ProxySettings } from '../engine/engine.ts'
import { InvalidHeader } from '../errors/invalid-header.ts'
import type { CaseInsensitiveDict } from '../headers/case-insensitive-dict.ts'
import { checkHeader } from '../headers/check-header.ts'
import { proxyFor } from '../proxy/select-proxy.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { RequestingSession } from './request-context.ts'
import type { Settings } from './settings.ts'
import { tlsSettingsWithEnvironment } from './tls-settings.ts'

/**
 * Turns a prepared request into what an engine takes: the bytes on the wire, and the route to the server.
 *
 * @throws {InvalidHeader} for a header of the session or the request that cannot be sent
 */
export function engineRequest(
  { trustEnv }: RequestingSession,
  request: PreparedRequest,
  settings: Settings,
  limits: Limits,
): EngineRequest {
  const { origin: url, path } = request.destination
  let headers = headerLinesFor(url, request.headers)
  let target = path
  let proxy = proxyFor(url, settings.proxies, trustEnv)
  if (proxy !== undefined) {
    const authorization = request.headers.get('Proxy-Authorization')
    const lines = [...headers]
    headers = lines
    if (url.protocol === 'https:') {
      // The header is meant for the proxy: the server behind it must not see it.
      if (authorization !== undefined) proxy = authorized(proxy, authorization, lines)
    } else {
      target = `http://${url.host}${target}`
      if (authorization === undefined && proxy.authorization !== undefined)
        lines.push('Proxy-Authorization', proxy.authorization)
    }
  }
  const isSecure = url.protocol === 'https:' || proxy?.url.protocol === 'https:'
  const tls = isSecure && trustEnv ? tlsSettingsWithEnvironment(settings) : settings.tls
  // `lookup` restricts the addresses of servers. A proxy is configured by the user, and resolves the server's name itself.
  const lookup = proxy === undefined ? settings.lookup : undefined
  return { method: request.method, url, target, headers, body: request.content, limits, tls, proxy, lookup }
}

interface Lines {
  readonly origin: URL
  readonly lines: readonly string[]
}

/** The header lines as sent, by the array of checked headers, which stays the same array until a header changes. */
const linesByHeaders = new WeakMap<readonly string[], Lines>()

/** The header lines of a request including Host: the same array for requests with the same headers to the same host. */
function headerLinesFor(origin: URL, headers: CaseInsensitiveDict): readonly string[] {
  const own = headers.toRaw()
  const last = linesByHeaders.get(own)
  if (last?.origin === origin) return last.lines
  if (last === undefined) checkLines(own)
  const lines = headers.has('Host') ? own : ['Host', hostOf(origin), ...own]
  linesByHeaders.set(own, { origin, lines })
  return lines
}

/** Rejects headers that cannot be sent, by themselves or together. */
function checkLines(lines: readonly string[]): void {
  const names: string[] = []
  for (let index = 0; index < lines.length; index += 2) {
    checkHeader(lines[index], lines[index + 1])
    names.push(lines[index]!.toLowerCase())
  }
  // Two servers on the way could disagree about which one counts (RFC 9112 section 3.2).
  if (names.indexOf('host') !== names.lastIndexOf('host'))
    throw new InvalidHeader('The header `Host` has several values')
  // Only chunks can be followed by trailers (RFC 9110 section 6.5.1), and Node's client throws an error of its own.
  if (names.includes('trailer') && !names.includes('transfer-encoding'))
    throw new InvalidHeader('The header `Trailer` needs a body that is sent in chunks')
}

/** The Host header's value. A trailing dot is dropped, as in urllib3: it is right for DNS, but many servers do not expect it. */
function hostOf({ host }: URL): string {
  return host.replace(/\.(?=:|$)/, '')
}

const authorizedProxies = new WeakMap<ProxySettings, Map<string, ProxySettings>>()

/**
 * The proxy with the credentials of a Proxy-Authorization header, which is removed from `headers`. Returns the same object each
 * time, as connections are pooled by it.
 */
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
