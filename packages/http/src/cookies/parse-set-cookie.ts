import { trimWhitespace } from '../headers/trim-whitespace.ts'
import { requote } from '../url/percent.ts'
import type { Cookie } from './cookie.ts'
import { parseCookieDate } from './cookie-date.ts'
import { defaultPath, isForbiddenDomain, isPublicSuffix } from './cookie-scope.ts'

/** A longer cookie is ignored; of a cookie with a longer attribute, only the attribute (RFC 6265bis section 5.6). */
const LONGEST_PAIR = 4096
const LONGEST_ATTRIBUTE = 1024
// biome-ignore lint/suspicious/noControlCharactersInRegex: searches for control characters
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f]/

/**
 * Parses a `Set-Cookie` header (RFC 6265 sections 5.2 and 5.3, with the prefixes of RFC 6265bis).
 *
 * @param header the value of the header
 * @param url the URL of the response
 * @param now the current time in milliseconds since 1970
 * @returns the cookie, whose `expires` is in the past if it must be removed; `undefined` if it is malformed, or the server may not set
 *   it: for another host or a public suffix, with an IP address as `Domain`, secure over http, or in violation of its `__Host-` or
 *   `__Secure-` prefix
 */
export function parseSetCookie(header: string, url: URL, now: number): Cookie | undefined {
  const [pair = '', ...parts] = header.split(';')
  const equals = pair.indexOf('=')
  const name = equals < 0 ? '' : trimWhitespace(pair.slice(0, equals))
  const value = trimWhitespace(pair.slice(equals + 1))
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
    hostOnly: named === '' || isPublicSuffix(named),
    // Escapes are normalised, as in the URLs that are requested.
    path: requote(path.startsWith('/') ? path : defaultPath(url.pathname)),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    expires: expiryOf(attributes, now),
  }
  return isPermitted(cookie, url, attributes) ? cookie : undefined
}

/** Parses the attributes. Of those with the same name the last one counts, but times that cannot be read are left out. */
function attributesOf(parts: readonly string[]): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const part of parts) {
    const at = part.indexOf('=')
    const name = trimWhitespace(at < 0 ? part : part.slice(0, at)).toLowerCase()
    const value = at < 0 ? '' : trimWhitespace(part.slice(at + 1))
    if (value.length <= LONGEST_ATTRIBUTE && isReadable(name, value)) attributes.set(name, value)
  }
  return attributes
}

function isReadable(name: string, value: string): boolean {
  if (name === 'max-age') return /^-?\d+$/.test(value)
  return name !== 'expires' || parseCookieDate(value) !== undefined
}

function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age')
  if (age !== undefined) return Number(age) <= 0 ? -Infinity : now + Number(age) * 1000
  return parseCookieDate(attributes.get('expires') ?? '') ?? Infinity
}

/** Whether a cookie satisfies its `Secure` attribute and its `__Host-` or `__Secure-` prefix. */
function isPermitted(cookie: Cookie, url: URL, attributes: ReadonlyMap<string, string>): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  const name = cookie.name.toLowerCase()
  if (name.startsWith('__secure-')) return cookie.secure
  if (name.startsWith('__host-')) return cookie.secure && !attributes.get('domain') && attributes.get('path') === '/'
  return true
}
