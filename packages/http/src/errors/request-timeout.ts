import { brand } from './brand.ts'
import { RequestException } from './request-exception.ts'

/**
 * The request's own time was over (requests: Timeout). It is an ordinary error that `attempt` catches, unlike core's
 * `Timeout`, which has the name.
 */
export class RequestTimeout extends RequestException {
  static {
    brand(RequestTimeout, 'RequestTimeout')
  }
  override readonly code: string = 'REQUEST_TIMEOUT'
}
