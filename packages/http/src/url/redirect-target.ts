import { InvalidSchema } from '../errors/invalid-schema.ts'
import { InvalidURL } from '../errors/invalid-url.ts'
import { prepareUrl, withoutUserinfo } from './prepare-url.ts'

/**
 * Where a Location header leads. Raw UTF-8 in it, which HTTP hands over byte by byte, is put back together; a fragment is
 * kept unless the new URL has its own (RFC 9110 section 10.2.2).
 */
export function redirectTarget(location: string, from: URL): URL {
  const text = Buffer.from(location, 'latin1').toString('utf8')
  const decoded = text.includes('�') ? location : text
  let target: URL
  try {
    target = new URL(decoded, from)
  } catch (cause) {
    throw new InvalidURL(`Expected a redirect to a URL, got ${JSON.stringify(withoutUserinfo(decoded))}`, { cause })
  }
  if (target.protocol !== 'http:' && target.protocol !== 'https:') {
    throw new InvalidSchema(`Expected a redirect to http or https, got ${JSON.stringify(withoutUserinfo(decoded))}`)
  }
  if (target.hash === '') target.hash = from.hash
  return prepareUrl(target).url
}
