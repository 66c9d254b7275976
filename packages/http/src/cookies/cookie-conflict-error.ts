import { branded } from '@greenlit/core/engine'

/**
 * Several cookies match the requested name, domain and path (requests: CookieConflictError).
 *
 * @example
 * const jar = new CookieJar()
 * jar.set('id', '1', { domain: 'a.example' })
 * jar.set('id', '2', { domain: 'b.example' })
 * jar.get('id') // throws: give a domain, or a path, too
 */
export class CookieConflictError extends /* @__PURE__ */ branded('http.CookieConflictError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'COOKIE_CONFLICT'
}
