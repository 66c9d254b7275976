import { show } from '@greenlit/core/engine'
import { InvalidSchema } from '../errors/invalid-schema.ts'
import { InvalidURL } from '../errors/invalid-url.ts'
import { withoutSpace } from '../headers/without-space.ts'
import { decodeUtf8, requoteReference } from './percent.ts'
import { prepareUrl, withoutUserinfo } from './prepare-url.ts'

/**
 * Where a Location header leads (RFC 9110 section 10.2.2; requests: get_redirect_target). Raw bytes in it, which HTTP hands
 * over one by one, are taken for UTF-8 or else escaped as they are; a fragment is kept unless the new URL has its own. A user
 * name and password in it are dropped.
 *
 * @param location the header's value, in Latin-1 as engines give it
 * @param from the URL that answered
 * @throws {InvalidSchema} if it leads to another scheme than http and https; {InvalidURL} if to no host that can exist
 * @example
 * redirectTarget('../b', new URL('http://example.com/x/a#top')).href // 'http://example.com/b#top'
 */
export function redirectTarget(location: string, from: URL): URL {
  const text = readable(withoutSpace(location))
  const reference = requoteReference(text)
  // What the platform throws would show a password.
  if (!URL.canParse(reference, from)) throw new InvalidURL(`Expected a redirect to a URL, got ${shown(text)}`)
  const target = new URL(reference, from)
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new InvalidSchema(`Expected a redirect to http or https, got ${shown(text)}`)
  }
  if (!text.includes('#')) target.hash = from.hash
  return prepareUrl(target).url
}

function shown(location: string): string {
  return show(withoutUserinfo(location))
}

function readable(location: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is meant
  if (/^[\x00-\x7f]*$/.test(location) || /[^\x00-\xff]/.test(location)) return location
  const decoded = decodeUtf8(Buffer.from(location, 'latin1'))
  return decoded ?? location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`)
}
