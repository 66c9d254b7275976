import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The body is larger than allowed, as sent or once decompressed. Not in requests. Headers of more than 64 KiB are a `ConnectionError`.
 */
export class ResponseTooLarge extends /* @__PURE__ */ branded('http.ResponseTooLarge', RequestException) {
  override readonly code: string = 'RESPONSE_TOO_LARGE'
}
