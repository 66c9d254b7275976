import { show } from '@greenlit/core/engine'
import { InvalidSchema } from '../errors/invalid-schema.ts'
import { InvalidURL } from '../errors/invalid-url.ts'
import { trimWhitespace } from '../headers/trim-whitespace.ts'
import { decodeUtf8, requoteReference } from './percent.ts'
import { prepareUrl, withoutUserinfo } from './prepare-url.ts'

/**
 * Resolves a Location header (RFC 9110 section 10.2.2; requests: get_redirect_target). Non-ASCII bytes are decoded as UTF-8, or
 * escaped as they are if they are not valid UTF-8. The fragment of the original URL is kept unless the new one has its own. A user
 * name and password are dropped.
 *
 * @param location the value of the header, decoded as Latin-1 as engines do
 * @param from the URL of the response
 * @throws {InvalidSchema} for a scheme other than http and https; {InvalidURL} for a missing or impossible host
 * @example
 * redirectTarget('../b', new URL('http://example.com/x/a#top')).href // 'http://example.com/b#top'
 */
export function redirectTarget(location: string, from: URL): URL {
  const text = readable(trimWhitespace(location))
  const reference = requoteReference(text)
  // The platform's own error would show a password.
  if (namesNoHost(text, from) || !URL.canParse(reference, from))
    throw new InvalidURL(`Expected a redirect to a URL, got ${shown(text)}`)
  const target = new URL(reference, from)
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new InvalidSchema(`Expected a redirect to http or https, got ${shown(text)}`)
  }
  if (!text.includes('#')) target.hash = from.hash
  return prepareUrl(target).url
}

/** Whether a reference should name a host and does not. The WHATWG parser would take the first segment of its path for the host. */
function namesNoHost(reference: string, from: URL): boolean {
  if (/^(?:https?:)?\/\/(?:[/?#]|$)/i.test(reference)) return true
  const scheme = /^(https?:)(?!\/\/)/i.exec(reference)?.[1]
  return scheme !== undefined && scheme.toLowerCase() !== from.protocol
}

function shown(location: string): string {
  return show(withoutUserinfo(location))
}

function readable(location: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches all of ASCII
  if (/^[\x00-\x7f]*$/.test(location) || /[^\x00-\xff]/.test(location)) return location
  const decoded = decodeUtf8(Buffer.from(location, 'latin1'))
  return decoded ?? location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}
