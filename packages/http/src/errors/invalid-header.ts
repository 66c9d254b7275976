import { branded } from '@greenlit/core/engine'
import { RequestValueError } from './request-value-error.ts'

/**
 * A header name or value cannot be sent. The message names the header and never shows its value (requests: InvalidHeader).
 *
 * @example
 * const page = yield* attempt(get(url, { headers: { 'X-Name': 'a\nb' } }))
 * if (!page.ok && page.error instanceof InvalidHeader) console.log(page.error.message)
 */
export class InvalidHeader extends /* @__PURE__ */ branded('http.InvalidHeader', RequestValueError) {
  override readonly code: string = 'INVALID_HEADER'
}
