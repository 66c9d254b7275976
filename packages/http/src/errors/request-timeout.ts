import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The request's own timeout expired (requests: Timeout). The subclasses `ConnectTimeout` and `ReadTimeout` say in which phase; this
 * class itself is thrown for the `gtimeout` of `map`. Unlike core's `Timeout` it is an ordinary error that `attempt` catches.
 *
 * @example
 * const page = yield* attempt(get(url, { timeout: 5_000 }))
 * if (!page.ok && page.error instanceof RequestTimeout) console.log('too slow') // to connect, or to answer
 */
export class RequestTimeout extends /* @__PURE__ */ branded('http.RequestTimeout', RequestException) {
  override readonly code: string = 'REQUEST_TIMEOUT'
}
