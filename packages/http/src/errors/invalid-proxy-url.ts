import { branded } from '@greenlit/core/engine'
import { InvalidURL } from './invalid-url.ts'

/** A proxy URL has no host, or a scheme other than http and https (requests: InvalidProxyURL). */
export class InvalidProxyURL extends /* @__PURE__ */ branded('http.InvalidProxyURL', InvalidURL) {
  override readonly code: string = 'INVALID_PROXY_URL'
}
