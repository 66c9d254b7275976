import { withoutSpace } from '../headers/without-space.ts'
import type { Cookie } from './cookie.ts'
import { parseCookieDate } from './cookie-date.ts'
import { defaultPath, isForbiddenDomain, isRegistry } from './cookie-scope.ts'

/** RFC 6265bis section 5.6: longer cookies are ignored as a whole, longer attributes by themselves. */
const LONGEST_PAIR = 4096
const LONGEST_ATTRIBUTE = 1024
// biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/

/**
 * Reads a `Set-Cookie` header that came from a URL (RFC 6265 sections 5.2 and 5.3, with the prefixes of RFC 6265bis).
 *
 * @param header the header's value
 * @param url where it came from
 * @param now milliseconds since 1970
 * @returns the cookie, whose `expires` is in the past if it is to be removed; `undefined` if it is malformed, or the server may not
 *   set it: for another host, a public suffix, an address as `Domain`, secure over http, against its `__Host-` or `__Secure-` prefix
 */
export function parseSetCookie(header: string, url: URL, now: number): Cookie | undefined {
  const [pair = '', ...parts] = header.split(';')
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : withoutSpace(pair.slice(0, equals))
  const value = withoutSpace(pair.slice(equals + 1))
  if (name === '' || CONTROLS.test(pair) || name.length + value.length > LONGEST_PAIR) return undefined
  const attributes = attributesOf(parts)
  const host = url.hostname
  const named = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
  if (named !== '' && isForbiddenDomain(named, host)) return undefined
  const path = attributes.get('path') ?? ''
  const cookie: Cookie = {
    name,
    value,
    domain: named === '' ? host : named,
    hostOnly: named === '' || isRegistry(named),
    path: path.startsWith('/') ? path : defaultPath(url.pathname),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    expires: expiryOf(attributes, now),
  }
  return keepsItsPromises(cookie, url, attributes) ? cookie : undefined
}

/** The last one of a name counts. */
function attributesOf(parts: readonly string[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    const value = at < 0 ? '' : withoutSpace(part.slice(at + 1))
    if (value.length <= LONGEST_ATTRIBUTE)
      attributes.set(withoutSpace(at < 0 ? part : part.slice(0, at)).toLowerCase(), value)
  }
  return attributes
}

function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return Number(age) <= 0 ? -Infinity : now + Number(age) * 1000
  return parseCookieDate(attributes.get('expires') ?? '') ?? Infinity
}

function keepsItsPromises(cookie: Cookie, url: URL, attributes: ReadonlyMap<string, string>): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  const name = cookie.name.toLowerCase()
  if (name.startsWith('__secure-')) return cookie.secure
  if (name.startsWith('__host-')) return cookie.secure && !attributes.get('domain') && attributes.get('path') === '/'
  return true
}
