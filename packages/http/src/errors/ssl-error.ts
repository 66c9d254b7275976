import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/** TLS failed: an untrusted certificate, a wrong host name, no common protocol version (requests: SSLError). */
export class SSLError extends /* @__PURE__ */ branded('http.SSLError', ConnectionError) {
  override readonly code: string = 'SSL'
}
