import { show } from '@greenlit/core/engine'
import { InvalidSchema } from '../errors/invalid-schema.ts'
import { InvalidURL } from '../errors/invalid-url.ts'
import { MissingSchema } from '../errors/missing-schema.ts'
import { type Params, queryOf } from './params.ts'
import { percentDecode, requote } from './percent.ts'
import { Target } from './target.ts'

/** The decoded user name and password of a URL. */
export type Userinfo = readonly [user: string, password: string] | undefined

/** A URL that is ready to be requested. */
export class PreparedUrl {
  /** The target of the URL, without user name and password. */
  readonly target: Target
  readonly userinfo: Userinfo

  constructor(target: Target, userinfo: Userinfo) {
    this.target = target
    this.userinfo = userinfo
  }

  /** The URL without user name and password. It includes the fragment, which is not sent. */
  get url(): URL {
    return this.target.url
  }
}

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is
/** What IDNA 2008 allows in a name besides ASCII: letters, marks, digits, East Asian full stops, joiners and middle dots. */
const HOST_OF_OTHER_SCRIPTS = /^[\p{L}\p{M}\p{Nd}\x21-\x7e。．｡\p{Join_Control}·・]+$/u
/** A label that is empty or longer than 63 characters, which no resolver accepts (RFC 1035 section 2.3.4). */
const HAS_BAD_LABEL = /\.\.|[^.]{64}/
// biome-ignore lint/suspicious/noControlCharactersInRegex: searches for control characters
const NOT_IN_HOST = /[\x00-\x20\x7f]/
/** A path with an optional query, in which nothing needs escaping, and no segment begins with a dot, so it cannot be a dot segment. */
const PLAIN = /(?:\/(?!\.)[A-Za-z0-9\-._~!$&()*+,;=:@]*)+(?:\?[A-Za-z0-9\-._~!$&()*+,;=:@/?]+)?$/y
const BEFORE_USERINFO = /^(?:[^:/?#@]*:)?[/\\]*/

/** Origins that passed all checks and have no user name, by their original spelling. */
const knownOrigins = new Map<string, URL>()
const MAX_ORIGINS = 1000
/** The most recently used key of `knownOrigins` plus a slash: most URLs have the same origin as the previous one. */
let latestPrefix = '/'
let latestOrigin: URL | undefined
/** The normalised spelling of that origin, if it differs from `latestPrefix`. */
let latestNormalised: string | undefined

/**
 * Checks and normalises a URL, and adds parameters to its query. Existing escapes are kept, and whatever else must be escaped is; an
 * internationalised host name is converted to ASCII (requests: PreparedRequest.prepare_url).
 *
 * @param given an absolute http or https URL
 * @param params see `Params`
 * @throws {MissingSchema} without a scheme; {InvalidSchema} for one other than http and https; {InvalidURL} for a missing or
 *   impossible host. No message shows a user name or password
 * @example
 * prepareUrl('http://example.com/a b?z=1#f', { a: 'b' }).url.href // 'http://example.com/a%20b?z=1&a=b#f'
 */
export function prepareUrl(given: string | URL, params?: Params): PreparedUrl {
  if (typeof given !== 'string' && !(given instanceof URL)) {
    throw new TypeError(`Expected \`url\` to be a string or a URL, got ${show(given)}`)
  }
  const text = String(given).trim()
  const hasParams = params !== undefined && params !== null
  const known = hasParams ? undefined : plainTarget(text)
  if (known !== undefined) return new PreparedUrl(known, undefined)
  const shown = (): string => show(withoutUserinfo(text))
  checkScheme(text, shown)
  const parts = PARTS.exec(text)
  // Browsers treat a backslash like a slash and Python does not, so parsers would disagree about where the host ends.
  if (parts === null || parts[2]!.includes('\\')) throw new InvalidURL(`Expected a URL with a host, got ${shown()}`)
  const [, scheme = '', authority = '', path = '', query = '', fragment] = parts
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  checkHost(host, shown)
  const added = hasParams ? queryOf(params) : ''
  const search = requote([query, added].filter(Boolean).join('&'))
  let url: URL
  try {
    const hash = fragment === undefined ? '' : `#${requote(fragment)}`
    url = new URL(`${scheme}://${host}${requote(path)}${search === '' ? '' : `?${search}`}${hash}`)
  } catch (cause) {
    throw new InvalidURL(`Expected a URL with a host and port that can exist, got ${shown()}`, { cause })
  }
  if (/^[*.]/.test(url.hostname)) {
    throw new InvalidURL(`Expected a host that begins with a letter or digit, got ${shown()}`)
  }
  // Nothing can listen on port 0, and Node's client would use the default port instead.
  if (url.port === '0') throw new InvalidURL(`Expected a URL with a port from 1 up, got ${shown()}`)
  if (HAS_BAD_LABEL.test(url.hostname)) {
    throw new InvalidURL(`Expected a host of names of 1 to 63 characters, got ${shown()}`)
  }
  const target = Target.of(url)
  if (at >= 0) return new PreparedUrl(target, splitUserinfo(authority.slice(0, at)))
  if (knownOrigins.size >= MAX_ORIGINS) knownOrigins.clear()
  knownOrigins.set(`${scheme}://${host}`, target.origin)
  return new PreparedUrl(target, undefined)
}

/** Fast path: returns the target of a URL with a known origin and a path that needs no escaping; `undefined` for any other. */
function plainTarget(text: string): Target | undefined {
  const origin = text.startsWith(latestPrefix) ? latestOrigin : knownOriginOf(text)
  if (origin === undefined) return undefined
  const end = latestPrefix.length - 1
  PLAIN.lastIndex = end
  if (!PLAIN.test(text)) return undefined
  const path = text.slice(end)
  return new Target(latestNormalised === undefined ? text : latestNormalised + path, origin, path, undefined)
}

/** Returns the known origin that a URL begins with, if any, and makes it the latest one. */
function knownOriginOf(text: string): URL | undefined {
  const end = text.indexOf('/', 8)
  if (end < 0) return undefined
  const written = text.slice(0, end)
  const url = knownOrigins.get(written)
  if (url === undefined) return undefined
  latestPrefix = `${written}/`
  latestOrigin = url
  latestNormalised = written === url.origin ? undefined : url.origin
  return url
}

/** Removes user name and password from a URL, so that it is safe to show. */
export function withoutUserinfo(url: string): string {
  const start = BEFORE_USERINFO.exec(url)![0].length
  const length = url.slice(start).search(/[/?#]|$/)
  const at = url.lastIndexOf('@', start + length)
  return at < start ? url : url.slice(0, start) + url.slice(at + 1)
}

function checkScheme(text: string, shown: () => string): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]
  if (scheme === undefined) {
    // What precedes the colon, as in `10.0.0.1:80/`, is not a valid scheme. Like requests, call that an unknown scheme.
    if (/^[^/?#]+:/.test(text)) throw new InvalidSchema(`Expected a URL of http or https, got ${shown()}`)
    throw new MissingSchema(`Expected a URL with a scheme, as http://example.com/, got ${shown()}`)
  }
  if (!/^https?$/i.test(scheme)) throw new InvalidSchema(`Expected a URL of http or https, got ${shown()}`)
}

/** Rejects hosts that no resolver accepts, as requests does. The WHATWG parser would repair them. */
function checkHost(host: string, shown: () => string): void {
  if (host === '' || host.startsWith(':')) throw new InvalidURL(`Expected a URL with a host, got ${shown()}`)
  if (NOT_IN_HOST.test(host) || !HOST_OF_OTHER_SCRIPTS.test(host)) {
    throw new InvalidURL(`Expected a host of letters and digits, got ${shown()}`)
  }
}

function splitUserinfo(userinfo: string): Userinfo {
  if (userinfo === '' || userinfo === ':') return undefined
  const colon = userinfo.indexOf(':')
  if (colon < 0) return [percentDecode(userinfo), '']
  return [percentDecode(userinfo.slice(0, colon)), percentDecode(userinfo.slice(colon + 1))]
}
