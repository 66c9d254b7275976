import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * No connection could be made, or it broke: a refused port, an unknown host name, a reset (requests: ConnectionError). The `cause`
 * is the system's error.
 *
 * @example
 * const page = yield* attempt(get('http://127.0.0.1:1/'))
 * if (!page.ok && page.error instanceof ConnectionError) console.log(page.error.message) // No connection to ...
 */
export class ConnectionError extends /* @__PURE__ */ branded('http.ConnectionError', RequestException) {
  override readonly code: string = 'CONNECTION'
}
