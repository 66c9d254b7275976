import { branded } from '@greenlit/core/engine'
import { detailed } from './error-details.ts'

/**
 * What a URL or a header that cannot be requested fails with: one of its subclasses, each at once a `RequestException` and a
 * `RangeError`, as requests' are a `ValueError`. The language allows one parent, so the first is a brand.
 */
export class RequestValueError extends /* @__PURE__ */ branded(
  'http.RequestValueError',
  /* @__PURE__ */ detailed(RangeError),
  ['http.RequestException'],
) {
  /** A stable name to tell errors apart by. */
  override readonly code: string = 'REQUEST_VALUE'
}
