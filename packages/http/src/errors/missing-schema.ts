import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL lacks `http://` or `https://` (requests: MissingSchema). Also a `RangeError`.
 *
 * @example
 * const page = yield* attempt(get('example.org'))
 * if (!page.ok && page.error instanceof MissingSchema) console.log(page.error.message)
 */
export class MissingSchema extends /* @__PURE__ */ branded('http.MissingSchema', RequestValueError) {
  override readonly code: string = 'MISSING_SCHEMA'
}
