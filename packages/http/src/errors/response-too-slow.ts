import { branded } from '@greenlit/core/engine'
import { ReadTimeout } from './read-timeout.ts'

/** The body came in below the rate asked for; ours, against servers that trickle. */
export class ResponseTooSlow extends /* @__PURE__ */ branded('http.ResponseTooSlow', ReadTimeout) {
  override readonly code: string = 'RESPONSE_TOO_SLOW'
}
