import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The server answered with a status of 400 or more, and `raiseForStatus` was called (requests: HTTPError).
 *
 * @example
 * const page = yield* get(url)
 * try {
 *   page.raiseForStatus()
 * } catch (error) {
 *   if (error instanceof HTTPError) console.log(error.response?.statusCode)
 * }
 */
export class HTTPError extends /* @__PURE__ */ branded('http.HTTPError', RequestException) {
  override readonly code: string = 'HTTP_STATUS'
}
