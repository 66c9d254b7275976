import { brand } from '../errors/brand.ts'

/** Several cookies have the name asked for; a domain or path must decide (requests: CookieConflictError). */
export class CookieConflictError extends Error {
  static {
    brand(CookieConflictError, 'CookieConflictError')
  }
  /** A stable name to tell errors apart by. */
  readonly code: string = 'COOKIE_CONFLICT'
}
