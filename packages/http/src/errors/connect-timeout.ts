import { alsoKnownAs, branded } from '@greenlit/core/engine'
import { ConnectionError } from './connection-error.ts'

/**
 * No connection was made in time; retrying is safe (requests: ConnectTimeout). Both a `ConnectionError` and a `RequestTimeout`.
 *
 * @example
 * const page = yield* attempt(get(url, { timeout: { connect: 3_000 } }))
 * if (!page.ok && page.error instanceof ConnectTimeout) console.log('no connection in 3 s')
 */
export class ConnectTimeout extends /* @__PURE__ */ alsoKnownAs(
  /* @__PURE__ */ branded('http.ConnectTimeout', ConnectionError),
  'http.RequestTimeout',
) {
  override readonly code: string = 'CONNECT_TIMEOUT'
}
