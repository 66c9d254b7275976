import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL, possibly that of a redirect, has a scheme other than http and https (requests: InvalidSchema). Also a `RangeError`.
 *
 * @example
 * const page = yield* attempt(get('ftp://example.org/'))
 * if (!page.ok && page.error instanceof InvalidSchema) console.log(page.error.message)
 */
export class InvalidSchema extends /* @__PURE__ */ branded('http.InvalidSchema', RequestValueError) {
  override readonly code: string = 'INVALID_SCHEMA'
}
