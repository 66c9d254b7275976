import { branded } from '@greenlit/core/engine'
import { ReadTimeout } from './read-timeout.ts'

/** The body was received more slowly than the minimum rate: a defence against servers that trickle. Not in requests. */
export class ResponseTooSlow extends /* @__PURE__ */ branded('http.ResponseTooSlow', ReadTimeout) {
  override readonly code: string = 'RESPONSE_TOO_SLOW'
}
