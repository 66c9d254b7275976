import type { PreparedRequest } from '../request/prepared-request.ts'
import { redirectTarget } from '../url/redirect-target.ts'

/** What is never shown to another host. */
const SENSITIVE = ['Authorization', 'Cookie', 'Proxy-Authorization']
const OF_THE_BODY = ['Content-Length', 'Content-Type', 'Transfer-Encoding', 'Content-Encoding']

/**
 * The request that follows a redirect (RFC 9110 section 15.4, as browsers and requests read it): 303, and 301 and 302 of a
 * POST, become GET without a body; what is secret stays with its host.
 */
export function redirectedRequest(
  request: PreparedRequest,
  status: number,
  location: string,
  sensitive: readonly string[],
): PreparedRequest {
  const next = request.copy()
  next.url = redirectTarget(location, request.url)
  const becomesGet =
    (status === 303 && request.method !== 'HEAD') ||
    (status === 302 && request.method !== 'HEAD') ||
    (status === 301 && request.method === 'POST')
  if (becomesGet) {
    next.method = 'GET'
    next.content = undefined
    for (const name of OF_THE_BODY) next.headers.delete(name)
  }
  next.headers.delete('Cookie')
  if (!keepsSecrets(request.url, next.url)) for (const name of [...SENSITIVE, ...sensitive]) next.headers.delete(name)
  return next
}

/** Whether a redirect stays where its secrets belong: the same host and port, or its step up from http to https. */
function keepsSecrets(from: URL, to: URL): boolean {
  if (from.hostname !== to.hostname) return false
  if (from.protocol === to.protocol) return from.port === to.port
  return from.protocol === 'http:' && to.protocol === 'https:' && from.port === '' && to.port === ''
}
