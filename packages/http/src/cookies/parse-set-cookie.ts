import { isIP } from 'node:net'
import type { Cookie } from './cookie-jar.ts'

/**
 * Reads a Set-Cookie header that came from a URL (RFC 6265 sections 5.2 and 5.3).
 *
 * @returns the cookie, or `undefined` if the server may not set it: for another host, a bare top-level domain, an address as a
 *   domain, or against the rules of its `__Host-` or `__Secure-` prefix
 */
export function parseSetCookie(header: string, url: URL): Cookie | undefined {
  const [pair = '', ...parts] = header.split(';')
  const equals = pair.indexOf('=')
  if (equals < 1) return undefined
  const name = pair.slice(0, equals).trim()
  const value = pair.slice(equals + 1).trim()
  const attributes = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    attributes.set((at < 0 ? part : part.slice(0, at)).trim().toLowerCase(), at < 0 ? '' : part.slice(at + 1).trim())
  }
  const host = url.hostname
  const named = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
  if (named !== '' && !mayNameDomain(named, host)) return undefined
  const given = attributes.get('path') ?? ''
  const cookie: Cookie = {
    name,
    value,
    domain: named === '' ? host : named,
    hostOnly: named === '',
    path: given.startsWith('/') ? given : defaultPath(url.pathname),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    expires: expiry(attributes),
  }
  return isAllowed(cookie, url, attributes) ? cookie : undefined
}

/** A host may name itself or a parent domain, but no single label: those belong to a registry. */
function mayNameDomain(domain: string, host: string): boolean {
  if (domain === host) return true
  return domain.includes('.') && isIP(domain) === 0 && host.endsWith(`.${domain}`)
}

function defaultPath(pathname: string): string {
  const last = pathname.lastIndexOf('/')
  return last <= 0 ? '/' : pathname.slice(0, last)
}

function expiry(attributes: ReadonlyMap<string, string>): number {
  const age = attributes.get('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0 ? 0 : Date.now() + Number(age) * 1000
  const date = Date.parse((attributes.get('expires') ?? '').replace(/-/g, ' '))
  return Number.isNaN(date) ? Infinity : date
}

function isAllowed(cookie: Cookie, url: URL, attributes: ReadonlyMap<string, string>): boolean {
  const secure = url.protocol === 'https:'
  if (cookie.secure && !secure) return false
  if (cookie.name.startsWith('__Secure-')) return cookie.secure
  if (cookie.name.startsWith('__Host-')) return cookie.secure && cookie.hostOnly && attributes.get('path') === '/'
  return true
}
