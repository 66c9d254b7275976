import { branded } from '@greenlit/core/engine'
import { InvalidURL } from './invalid-url.ts'

/**
 * A proxy URL has no host, or a scheme other than http and https (requests: InvalidProxyURL).
 *
 * @example
 * const page = yield* attempt(get(url, { proxies: { http: 'ftp://proxy.example' } }))
 * if (!page.ok && page.error instanceof InvalidProxyURL) console.log(page.error.message)
 */
export class InvalidProxyURL extends /* @__PURE__ */ branded('http.InvalidProxyURL', InvalidURL) {
  override readonly code: string = 'INVALID_PROXY_URL'
}
