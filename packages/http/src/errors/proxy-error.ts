import { brand } from './brand.ts'
import { ConnectionError } from './connection-error.ts'

/** The proxy could not be reached, or refused (requests: ProxyError). */
export class ProxyError extends ConnectionError {
  static {
    brand(ProxyError, 'ProxyError')
  }
  override readonly code: string = 'PROXY'
}
