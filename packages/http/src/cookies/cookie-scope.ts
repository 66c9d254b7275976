import { isIP } from 'node:net'
import type { Cookie } from './cookie.ts'

/** Registries sell names below these; the first label of a domain such as `co.uk`. */
const REGISTRY = /^(?:ac|co|com|edu|go|gob|gov|gouv|govt|gv|ltd|me|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2}$/

/** What of a URL tells which cookies go there. */
export type CookieTarget = Pick<URL, 'protocol' | 'hostname' | 'pathname'>

/** Whether a cookie goes with a request to a URL (RFC 6265 section 5.4). */
export function goesTo(cookie: Cookie, url: CookieTarget): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  const host = url.hostname
  const reachesHost = cookie.domain === '' || (cookie.hostOnly ? host === cookie.domain : isWithin(host, cookie.domain))
  return reachesHost && pathReaches(cookie.path, url.pathname)
}

/** The domains whose cookies may go to a host: its own and those that it is below. */
export function domainsOf(host: string): string[] {
  if (isAddress(host)) return [host]
  const domains: string[] = []
  for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length)) domains.push(rest)
  return domains
}

/** Whether a host is a domain or below it; an address is below nothing (RFC 6265 section 5.1.3). */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host))
}

/**
 * Whether a `Domain` attribute is refused, for it would reach hosts of other owners: an address, a single label, what a registry
 * sells names below, or a domain that the host is not in. The rule is smaller than the public suffix list: it knows `com` and
 * `co.uk`, but no private registries such as `github.io`.
 */
export function isForbiddenDomain(domain: string, host: string): boolean {
  if (isAddress(domain) || !isWithin(host, domain)) return true
  return domain !== host && isRegistry(domain)
}

/** Whether a `Domain` attribute names what registries sell: then it means the host alone, if it is that host. */
export function isRegistry(domain: string): boolean {
  // The dot at the end of a name makes it no other: `com.` is sold from as `com` is.
  const name = domain.replace(/\.$/, '')
  return !name.includes('.') || REGISTRY.test(name)
}

/** The path of a cookie without one: the folder of the page (RFC 6265 section 5.1.4). */
export function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf('/')
  return last <= 0 ? '/' : pathname.slice(0, last)
}

/** Whether a path is that of a cookie or below it (RFC 6265 section 5.1.4). */
export function pathReaches(path: string, requested: string): boolean {
  if (requested === path) return true
  return requested.startsWith(path) && (path.endsWith('/') || requested[path.length] === '/')
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || isIP(host) !== 0
}
