import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/** TLS failed: a certificate that is not trusted, a wrong name, no common protocol (requests: SSLError). */
export class SSLError extends /* @__PURE__ */ branded('http.SSLError', ConnectionError) {
  override readonly code: string = 'SSL'
}
