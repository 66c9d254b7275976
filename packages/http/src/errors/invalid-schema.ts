import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL of another scheme than http and https, also in a redirect (requests: InvalidSchema). Also a `RangeError`.
 */
export class InvalidSchema extends /* @__PURE__ */ branded('http.InvalidSchema', RequestValueError) {
  override readonly code: string = 'INVALID_SCHEMA'
}
