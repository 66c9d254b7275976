import { isIP } from 'node:net'
import type { Cookie } from './cookie.ts'

/** Domains such as `co.uk`, below which registries sell names. */
const PUBLIC_SUFFIX = /^(?:ac|co|com|edu|go|gob|gov|gouv|govt|gv|ltd|me|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2}$/

/** The parts of a URL that decide which cookies are sent to it. */
export type CookieTarget = Pick<URL, 'protocol' | 'hostname' | 'pathname'>

/** Whether a cookie is sent with a request to a URL (RFC 6265 section 5.4). */
export function isSentTo(cookie: Cookie, url: CookieTarget): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  const host = url.hostname
  const matchesHost =
    cookie.domain === '' || (cookie.hostOnly ? host === cookie.domain : domainMatches(host, cookie.domain))
  return matchesHost && pathMatches(cookie.path, url.pathname)
}

/** Returns the domains whose cookies may be sent to a host: its own and its parent domains. */
export function domainsOf(host: string): string[] {
  if (isAddress(host)) return [host]
  const domains: string[] = []
  for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length)) domains.push(rest)
  return domains
}

/** Whether a host is equal to a domain or a subdomain of it. An IP address has no parent domains (RFC 6265 section 5.1.3). */
export function domainMatches(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !isAddress(host))
}

/**
 * Whether a `Domain` attribute must be refused because the cookie would be sent to hosts of other owners: an IP address, a single
 * label, a public suffix, or a domain that does not contain the host. This is a subset of the public suffix list: it covers `com` and
 * `co.uk`, but no private registries such as `github.io`.
 */
export function isForbiddenDomain(domain: string, host: string): boolean {
  if (isAddress(domain) || !domainMatches(host, domain)) return true
  return domain !== host && isPublicSuffix(domain)
}

/** Whether a `Domain` attribute names a public suffix. If it is the host itself, the cookie is for that host only. */
export function isPublicSuffix(domain: string): boolean {
  // A trailing dot makes no difference: `com.` is the same domain as `com`.
  const name = domain.replace(/\.$/, '')
  return !name.includes('.') || PUBLIC_SUFFIX.test(name)
}

/** Returns the path of a cookie without a `Path` attribute: the directory of the page (RFC 6265 section 5.1.4). */
export function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf('/')
  return last <= 0 ? '/' : pathname.slice(0, last)
}

/** Whether a requested path is equal to the path of a cookie or below it (RFC 6265 section 5.1.4). */
export function pathMatches(path: string, requested: string): boolean {
  if (requested === path) return true
  return requested.startsWith(path) && (path.endsWith('/') || requested[path.length] === '/')
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || isIP(host) !== 0
}
