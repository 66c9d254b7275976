import { branded } from '@greenlit/core/engine'
import { RequestException } from './request-exception.ts'

/**
 * The request's own time was over (requests: Timeout): `ConnectTimeout` and `ReadTimeout` say at what; this itself is what the
 * `gtimeout` of `map` fails with. It is an ordinary error that `attempt` catches, unlike core's `Timeout`.
 */
export class RequestTimeout extends /* @__PURE__ */ branded('http.RequestTimeout', RequestException) {
  override readonly code: string = 'REQUEST_TIMEOUT'
}
