import { branded } from '@greenlit/core/engine'
import { InvalidURL } from './invalid-url.ts'

/** A proxy's URL that names no host, or a scheme that is not http or https (requests: InvalidProxyURL). */
export class InvalidProxyURL extends /* @__PURE__ */ branded('http.InvalidProxyURL', InvalidURL) {
  override readonly code: string = 'INVALID_PROXY_URL'
}
