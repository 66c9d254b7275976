import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/** The server answered with a status of 400 or more, and `raiseForStatus` was called (requests: HTTPError). */
export class HTTPError extends /* @__PURE__ */ branded('http.HTTPError', RequestException) {
  override readonly code: string = 'HTTP_STATUS'
}
