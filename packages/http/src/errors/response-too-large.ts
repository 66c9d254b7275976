import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/** The body or the headers are larger than allowed, as sent or once decompressed; ours. */
export class ResponseTooLarge extends /* @__PURE__ */ branded('http.ResponseTooLarge', RequestException) {
  override readonly code: string = 'RESPONSE_TOO_LARGE'
}
