import { branded } from '@greenlit/core/engine'
import { ReadTimeout } from './read-timeout.ts'

/**
 * The body was received more slowly than the minimum rate: a defence against servers that trickle. Not in requests.
 *
 * @example
 * const page = yield* attempt(get(url, { minRate: 1_000 }))
 * if (!page.ok && page.error instanceof ResponseTooSlow) console.log(page.error.message)
 */
export class ResponseTooSlow extends /* @__PURE__ */ branded('http.ResponseTooSlow', ReadTimeout) {
  override readonly code: string = 'RESPONSE_TOO_SLOW'
}
