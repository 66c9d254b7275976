import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body is larger than allowed, as sent or once decompressed. Not in requests. Headers of more than 64 KiB are a `ConnectionError`.
 *
 * @example
 * const page = yield* attempt(get(url, { maxSize: 1_000_000 }))
 * if (!page.ok && page.error instanceof ResponseTooLarge) console.log(page.error.message)
 */
export class ResponseTooLarge extends /* @__PURE__ */ branded('http.ResponseTooLarge', RequestException) {
  override readonly code: string = 'RESPONSE_TOO_LARGE'
}
