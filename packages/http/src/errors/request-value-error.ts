import { alsoKnownAs, branded } from '@greenlit/core/engine'
import { detailed } from './error-details.ts'

/**
 * The base class of the errors for a URL or header that cannot be requested. Each subclass is both a `RequestException` and a
 * `RangeError`, as those of requests are also a `ValueError`. JavaScript allows a single parent class, so being a `RequestException`
 * is a brand.
 *
 * @example
 * const page = yield* attempt(get('example.org'))
 * if (!page.ok && page.error instanceof RequestValueError) console.log(page.error instanceof RangeError) // true
 */
export class RequestValueError extends /* @__PURE__ */ alsoKnownAs(
  /* @__PURE__ */ branded('http.RequestValueError', /* @__PURE__ */ detailed(RangeError)),
  'http.RequestException',
) {
  /** A stable name to tell errors apart by. */
  override readonly code: string = 'REQUEST_VALUE'
}
