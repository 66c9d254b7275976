import { branded } from '@greenlit/core/engine'

/** Several cookies have the requested name, and no domain or path was given to choose one (requests: CookieConflictError). */
export class CookieConflictError extends /* @__PURE__ */ branded('http.CookieConflictError') {
  /** A stable name to tell errors apart by. */
  readonly code: string = 'COOKIE_CONFLICT'
}
