import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/**
 * The proxy could not be reached, or refused the request (requests: ProxyError).
 *
 * @example
 * const page = yield* attempt(get(url, { proxies: { http: 'http://127.0.0.1:3128' } }))
 * if (!page.ok && page.error instanceof ProxyError) console.log(page.error.message)
 */
export class ProxyError extends /* @__PURE__ */ branded('http.ProxyError', ConnectionError) {
  override readonly code: string = 'PROXY'
}
