import { branded } from '@greenlit/core/engine'
import { detailed } from './error-details.ts'

/**
 * The base class of all request errors (requests: RequestException). Each kind of failure is a subclass with a stable `code`; the
 * underlying error, such as that of a DNS look-up, is the `cause`. No message contains the user name or password of a URL.
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
