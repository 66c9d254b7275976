import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * A value cannot be represented in JSON, such as NaN (requests: InvalidJSONError).
 *
 * @example
 * const page = yield* attempt(post(url, { json: { ratio: NaN } }))
 * if (!page.ok && page.error instanceof InvalidJSONError) console.log(page.error.message)
 */
export class InvalidJSONError extends /* @__PURE__ */ branded('http.InvalidJSONError', RequestException) {
  override readonly code: string = 'INVALID_JSON'
}
