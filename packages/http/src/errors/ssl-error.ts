import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/**
 * TLS failed: an untrusted certificate, a wrong host name, no common protocol version (requests: SSLError).
 *
 * @example
 * const page = yield* attempt(get('https://localhost:8443/', { verify: 'authority.crt' }))
 * if (!page.ok && page.error instanceof SSLError) console.log(page.error.message)
 */
export class SSLError extends /* @__PURE__ */ branded('http.SSLError', ConnectionError) {
  override readonly code: string = 'SSL'
}
