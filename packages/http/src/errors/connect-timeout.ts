import { brand } from './brand.ts'
import { ConnectionError } from './connection-error.ts'

/**
 * No connection was made in time; safe to try again (requests: ConnectTimeout). It is a `ConnectionError` and a
 * `RequestTimeout`.
 */
export class ConnectTimeout extends ConnectionError {
  static {
    brand(ConnectTimeout, 'ConnectTimeout', ['RequestTimeout'])
  }
  override readonly code: string = 'CONNECT_TIMEOUT'
}
