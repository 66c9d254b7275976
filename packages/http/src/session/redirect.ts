import type { PreparedRequest } from '../request/prepared-request.ts'
import { redirectTarget } from '../url/redirect-target.ts'

/** Headers, beside the usual ones, that a redirect must not take to another host; `'all'` are those that browsers do not send. */
export type SensitiveHeaders = readonly string[] | 'all'

/** What is never shown to another host. */
const SENSITIVE = ['Authorization', 'Cookie', 'Proxy-Authorization']
const OF_THE_BODY = ['Content-Length', 'Content-Type', 'Transfer-Encoding', 'Content-Encoding']
const HARMLESS =
  /^(?:accept|accept-(?:charset|encoding|language)|user-agent|content-(?:length|type|encoding)|transfer-encoding)$/i

/**
 * The request that follows a redirect (RFC 9110 section 15.4, as browsers and requests read it): 302 and 303 of anything but HEAD, and
 * 301 of a POST, become GET without a body; what is secret stays with its host.
 *
 * @param location the Location header's value
 */
export function redirectedRequest(
  request: PreparedRequest,
  status: number,
  location: string,
  sensitive: SensitiveHeaders,
): PreparedRequest {
  const next = request.copy()
  next.target = redirectTarget(location, request.target)
  const { method } = request
  const becomesGet = ((status === 303 || status === 302) && method !== 'HEAD') || (status === 301 && method === 'POST')
  if (becomesGet) {
    next.method = 'GET'
    next.content = undefined
    for (const name of OF_THE_BODY) next.headers.delete(name)
  }
  next.headers.delete('Cookie')
  if (next.target.host !== request.target.host) next.headers.delete('Host')
  if (!keepsSecrets(request.target, next.target)) {
    next.auth = undefined
    const names =
      sensitive === 'all'
        ? [...next.headers.keys()].filter((name) => !HARMLESS.test(name))
        : [...SENSITIVE, ...sensitive]
    for (const name of names) next.headers.delete(name)
  }
  return next
}

/** Whether a redirect stays where its secrets belong: the same host and port, or its step up from http to https. */
export function keepsSecrets(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false
  if (from.protocol === to.protocol) return from.port === to.port
  return from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === ''
}
