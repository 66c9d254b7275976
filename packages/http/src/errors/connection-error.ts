import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/**
 * No connection could be made, or it broke: a refused port, an unknown name, a reset (requests: ConnectionError). Its
 * `cause` is the system's error.
 */
export class ConnectionError extends RequestException {
  static {
    brand(ConnectionError, 'ConnectionError')
  }
  override readonly code: string = 'CONNECTION'
}
