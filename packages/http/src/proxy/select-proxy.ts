import { show } from '@greenlit/core/engine'
import { basicAuthorization } from '../auth/auth.ts'
import type { ProxySettings } from '../engine/engine.ts'
import { cachedFromEnvironment, environmentVariable } from '../environment/variables.ts'
import { InvalidProxyURL } from '../errors/invalid-proxy-url.ts'
import { percentDecode } from '../url/percent.ts'
import { withoutUserinfo } from '../url/prepare-url.ts'
import { bypassesProxy } from './no-proxy.ts'

/**
 * Proxies by the URLs they are for. The keys `https://example.org`, `https`, `all://example.org` and `all` are tried in this order;
 * `null` means no proxy. `noProxy` is a string that lists hosts like `NO_PROXY`: `'localhost, 10.0.0.0/8'`.
 */
export type Proxies = Readonly<Record<string, string | URL | null | undefined>>

const settingsOf = new Map<string, ProxySettings>()
/** How many parsed proxies are cached. */
const MAX_CACHED = 100

/**
 * Returns the proxy for a URL (requests: select_proxy). Those of the request or session take precedence over the environment:
 * `http_proxy`, `https_proxy` and `all_proxy`, in either case, for hosts that `no_proxy` does not list.
 *
 * @throws {InvalidProxyURL} if the proxy is not an http or https URL with a host
 */
export function proxyFor(url: URL, proxies: Proxies | undefined, trustEnv: boolean): ProxySettings | undefined {
  if (proxies !== undefined && proxies !== null) {
    const host = url.hostname
    const scheme = url.protocol.slice(0, -1)
    for (const key of [`${scheme}://${host}`, scheme, `all://${host}`, 'all']) {
      const proxy = proxies[key]
      if (proxy === undefined) continue
      if (proxy === null || proxy === '') return undefined
      return isExcluded(url, proxies, false) ? undefined : parse(String(proxy))
    }
  }
  if (!trustEnv) return undefined
  const proxy = cachedFromEnvironment(url.protocol, proxyOfEnvironment)
  if (!proxy || isExcluded(url, proxies, true)) return undefined
  return parse(proxy)
}

/** The lower-case variable wins even if empty, so that a proxy can be switched off for one command (Python: getproxies). */
function proxyOfEnvironment(protocol: string): string | undefined {
  const own =
    protocol === 'https:'
      ? (environmentVariable('https_proxy') ?? environmentVariable('HTTPS_PROXY'))
      : (environmentVariable('http_proxy') ?? withoutCgi(environmentVariable('HTTP_PROXY')))
  return own || (environmentVariable('all_proxy') ?? environmentVariable('ALL_PROXY'))
}

/** In a CGI program HTTP_PROXY holds the `Proxy` header of the client, which must not choose the proxy. */
function withoutCgi(proxy: string | undefined): string | undefined {
  return proxy !== undefined && environmentVariable('REQUEST_METHOD') ? undefined : proxy
}

function isExcluded(url: URL, proxies: Proxies | undefined, isOfEnvironment: boolean): boolean {
  const listed = proxies?.noProxy ?? proxies?.no_proxy ?? (isOfEnvironment ? noProxyOfEnvironment() : undefined)
  return typeof listed === 'string' && listed !== '' && bypassesProxy(url, listed)
}

function noProxyOfEnvironment(): string | undefined {
  return environmentVariable('no_proxy') ?? environmentVariable('NO_PROXY')
}

function parse(text: string): ProxySettings {
  let settings = settingsOf.get(text)
  if (settings === undefined) {
    settings = read(text)
    if (settingsOf.size >= MAX_CACHED) settingsOf.clear()
    settingsOf.set(text, settings)
  }
  return settings
}

function read(text: string): ProxySettings {
  const shown = show(withoutUserinfo(text))
  // A proxy without a scheme is an http one, as in requests.
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : text.includes('://') || /^[a-z]+:(?:\/|$)/i.test(text)
      ? ''
      : `http://${text.replace(/^\/\//, '')}`
  // The platform's own error would show the password.
  if (!URL.canParse(full)) {
    throw new InvalidProxyURL(`Expected the URL of a proxy, as http://127.0.0.1:3128, got ${shown}`)
  }
  const url = new URL(full)
  if (!/^https?:\/\/[^/]/i.test(full) || url.hostname === '' || url.port === '0') {
    throw new InvalidProxyURL(`Expected a proxy of http or https with a host and port, got ${shown}`)
  }
  const { username, password } = url
  const authorization =
    username === '' && password === ''
      ? undefined
      : basicAuthorization(percentDecode(username), percentDecode(password))
  return { url: new URL(url.origin), authorization }
}
