import { branded } from '@greenlit/core/engine'

/** Several cookies match the requested name, domain and path (requests: CookieConflictError). */
export class CookieConflictError extends /* @__PURE__ */ branded('http.CookieConflictError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'COOKIE_CONFLICT'
}
