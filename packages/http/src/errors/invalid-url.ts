import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL has no host, or one that cannot exist (requests: InvalidURL). Also a `RangeError`.
 *
 * @example
 * const page = yield* attempt(get('http://'))
 * if (!page.ok && page.error instanceof InvalidURL) console.log(page.error.message)
 */
export class InvalidURL extends /* @__PURE__ */ branded('http.InvalidURL', RequestValueError) {
  override readonly code: string = 'INVALID_URL'
}
