import type { PreparedRequest } from '../request/prepared-request.ts'
import { redirectTarget } from '../url/redirect-target.ts'

/** Headers that a redirect must not take to another host, in addition to `SENSITIVE`; `'all'`: every header not in `HARMLESS`. */
export type SensitiveHeaders = readonly string[] | 'all'

/** Headers that are never sent to another host. */
const SENSITIVE = ['Authorization', 'Cookie', 'Proxy-Authorization']
const OF_THE_BODY = ['Content-Length', 'Content-Type', 'Transfer-Encoding', 'Content-Encoding', 'Trailer']
const HARMLESS =
  /^(?:accept|accept-(?:charset|encoding|language)|user-agent|content-(?:length|type|encoding)|transfer-encoding)$/i

/**
 * Makes the request that follows a redirect (RFC 9110 section 15.4, as browsers and requests read it). A 302 or 303 of anything but
 * HEAD, and a 301 of a POST, becomes a GET without a body. Secrets are not taken to another host.
 *
 * @param location the value of the Location header
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

/** Whether a redirect may keep its secrets: it stays on the same host and port, or goes from http to https on the default ports. */
export function keepsSecrets(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false
  if (from.protocol === to.protocol) return from.port === to.port
  return from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === ''
}
