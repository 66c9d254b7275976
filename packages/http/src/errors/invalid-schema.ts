import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A URL, possibly that of a redirect, has a scheme other than http and https (requests: InvalidSchema). Also a `RangeError`.
 */
export class InvalidSchema extends /* @__PURE__ */ branded('http.InvalidSchema', RequestValueError) {
  override readonly code: string = 'INVALID_SCHEMA'
}
