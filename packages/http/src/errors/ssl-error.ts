import { brand } from './brand.ts'
import { ConnectionError } from './connection-error.ts'

/** TLS failed: a certificate that is not trusted, a wrong name, no common protocol (requests: SSLError). */
export class SSLError extends ConnectionError {
  static {
    brand(SSLError, 'SSLError')
  }
  override readonly code: string = 'SSL'
}
