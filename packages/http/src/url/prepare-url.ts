import { show } from '@greenlit/core/engine'
import { InvalidSchema } from '../errors/invalid-schema.ts'
import { InvalidURL } from '../errors/invalid-url.ts'
import { MissingSchema } from '../errors/missing-schema.ts'
import { type Params, queryOf } from './params.ts'

/** A URL that is ready to be requested. */
export interface PreparedUrl {
  /** Scheme, host, port, path and query, without userinfo. */
  readonly url: URL
  /** User name and password that the URL held, decoded. */
  readonly userinfo: readonly [user: string, password: string] | undefined
}

/**
 * Checks a URL and adds parameters to its query, in front of the fragment. What is escaped stays as it is, the rest is escaped
 * (requests: PreparedRequest.prepare_url).
 *
 * @throws {MissingSchema} without a scheme; {InvalidSchema} with one other than http and https; {InvalidURL} without a proper host
 */
export function prepareUrl(given: string | URL, params?: Params): PreparedUrl {
  if (typeof given !== 'string' && !(given instanceof URL)) throw new InvalidURL(`Expected \`url\` to be a string or a URL, got ${show(given)}`)
  const text = String(given).trimStart()
  const shown = withoutUserinfo(text)
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || (!text.includes('://') && !/^https?:/i.test(text))) {
    throw new MissingSchema(`Expected a URL with a scheme, as http://${shown}, got ${show(shown)}`)
  }
  if (scheme !== 'http' && scheme !== 'https') throw new InvalidSchema(`Expected a URL of http or https, got ${show(shown)}`)
  checkHost(text, shown)
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new InvalidURL(`Expected a URL, got ${show(shown)}`, { cause })
  }
  const userinfo = url.username === '' && url.password === '' ? undefined : ([unescape(url.username), unescape(url.password)] as const)
  url.username = ''
  url.password = ''
  const query = params === undefined ? '' : queryOf(params)
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
  return { url, userinfo }
}

/** The WHATWG parser repairs hosts that no resolver would take; requests refuses them, and so does this. */
function checkHost(text: string, shown: string): void {
  const authority = /^[^:]+:\/{0,2}([^/?#\\]*)/.exec(text)?.[1] ?? ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host === '' || host.startsWith(':')) throw new InvalidURL(`Expected a URL with a host, got ${show(shown)}`)
  if (host.startsWith('*') || host.startsWith('.')) throw new InvalidURL(`Expected a host that begins with a letter or digit, got ${show(shown)}`)
  // A name without a single letter or digit, as a lone snowman, is none in IDNA 2008.
  if (!/[\p{L}\p{N}]/u.test(host)) throw new InvalidURL(`Expected a host of letters and digits, got ${show(shown)}`)
}

/** A URL as it may be shown: without user name and password. */
export function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
