import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/** A request without a URL (requests: URLRequired). Nothing here throws it, as in requests: an empty URL is a `MissingSchema`. */
export class URLRequired extends /* @__PURE__ */ branded('http.URLRequired', RequestException) {
  override readonly code: string = 'URL_REQUIRED'
}
