import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/** A value cannot be represented in JSON, such as NaN (requests: InvalidJSONError). */
export class InvalidJSONError extends /* @__PURE__ */ branded('http.InvalidJSONError', RequestException) {
  override readonly code: string = 'INVALID_JSON'
}
