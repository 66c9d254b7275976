import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * There were more redirects than allowed. `response` is the last one, its `history` those before (requests: TooManyRedirects).
 *
 * @example
 * const page = yield* attempt(get(url, { maxRedirects: 3 }))
 * if (!page.ok && page.error instanceof TooManyRedirects) console.log(page.error.response?.url)
 */
export class TooManyRedirects extends /* @__PURE__ */ branded('http.TooManyRedirects', RequestException) {
  override readonly code: string = 'TOO_MANY_REDIRECTS'
}
