import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/** A URL lacks `http://` or `https://` (requests: MissingSchema). Also a `RangeError`. */
export class MissingSchema extends /* @__PURE__ */ branded('http.MissingSchema', RequestValueError) {
  override readonly code: string = 'MISSING_SCHEMA'
}
