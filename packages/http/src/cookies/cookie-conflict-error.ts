import { branded } from '@greenlit/core/engine'

/** Several cookies have the name asked for; a domain or path must decide (requests: CookieConflictError). */
export class CookieConflictError extends /* @__PURE__ */ branded('http.CookieConflictError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'COOKIE_CONFLICT'
}
