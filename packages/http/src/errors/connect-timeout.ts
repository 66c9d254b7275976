import { branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/**
 * No connection was made in time; retrying is safe (requests: ConnectTimeout). Both a `ConnectionError` and a `RequestTimeout`.
 */
export class ConnectTimeout extends /* @__PURE__ */ branded('http.ConnectTimeout', ConnectionError, [
  'http.RequestTimeout',
]) {
  override readonly code: string = 'CONNECT_TIMEOUT'
}
