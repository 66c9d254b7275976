import { branded } from '@greenlit/core/engine'
import { detailed } from './error-details.ts'

/**
 * What every error of a request has in common (requests: RequestException). Each kind is a subclass with a stable `code`; the
 * error underneath, as of DNS, is its `cause`. No message holds a user name or password of a URL.
 *
 * @example
 * const page = yield* attempt(get(url))
 * if (!page.ok && page.error instanceof RequestException) console.log(page.error.code, page.error.message)
 */
export class RequestException extends /* @__PURE__ */ branded(
  'http.RequestException',
  /* @__PURE__ */ detailed(Error),
) {
  /** A stable name to tell errors apart by. */
  override readonly code: string = 'REQUEST'
}
