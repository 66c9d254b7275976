import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/** The proxy could not be reached, or refused the request (requests: ProxyError). */
export class ProxyError extends /* @__PURE__ */ branded('http.ProxyError', ConnectionError) {
  override readonly code: string = 'PROXY'
}
