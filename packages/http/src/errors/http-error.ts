import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/** The server answered with a status of 400 or more, and `raiseForStatus` was asked (requests: HTTPError). */
export class HTTPError extends RequestException {
  static {
    brand(HTTPError, 'HTTPError')
  }
  override readonly code: string = 'HTTP_STATUS'
}
