import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * A request has no URL (requests: URLRequired). As in requests, nothing throws it: an empty URL is a `MissingSchema`.
 *
 * @example
 * new URLRequired('no URL') instanceof RequestException // true
 */
export class URLRequired extends /* @__PURE__ */ branded('http.URLRequired', RequestException) {
  override readonly code: string = 'URL_REQUIRED'
}
